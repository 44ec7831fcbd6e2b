// The page's modules that need no page.

import assert from 'node:assert/strict';
import {test} from 'node:test';
import {metricOf} from '../page/metrics.ts';
import {lineTexts} from '../page/line.ts';
import {frozenText, LIVE, noticeFor} from '../page/notice.ts';
import {refusalReason, unhealthyReason} from '../page/server_reason.ts';
import {fetchStreams, parseStreams} from '../page/streams.ts';
import {afterKey, columnsOf} from '../page/wall_layout.ts';

const PAGE = 'http://pi/cam/index.html';

// A server with these responses, by path; {asked} lists the requests.
function serverOf(responses) {
  const asked = [];
  const fetch = async (address, {credentials} = {}) => {
    const {pathname, search} = new URL(address);
    asked.push(pathname + search + (credentials === 'omit' ? ' anonymous' : ''));
    const response = responses[asked.at(-1)] ?? responses[pathname];
    if (response === undefined) {
      throw new TypeError('Failed to fetch');
    }
    const {status, text = '', type = 'text/plain; charset=utf-8', responseType = 'basic', headers = {}} = response;
    return {status, ok: status >= 200 && status < 300, statusText: '', type: responseType,
            headers: new Headers({'content-type': type, ...headers}), text: async () => text, json: async () => JSON.parse(text)};
  };
  return {asked, fetch};
}

const refusal = (responses, transport) =>
    refusalReason('http://pi/cam/', 'http://pi', serverOf(responses).fetch, transport);
const HEALTHY = {status: 200, text: 'ok\n'};

test('Refusal_401_SaysLogIn', async () => {
  const {text, isLogin} = await refusal({'/cam/healthz': {status: 401}});
  assert.match(text, /^Log in/);
  assert.equal(isLogin, true);
});

test('Refusal_WithoutSession_IsForThePagesOwnLogIn', async () => {
  const headers = {'www-authenticate': 'Bearer realm="pistream"'};
  const refused = await refusal({'/cam/healthz': HEALTHY, '/cam/stream': {status: 401, headers}});
  assert.deepEqual([refused.isLogin, refused.needsSession], [true, true]);
  const proxys = await refusal({'/cam/healthz': {status: 401, headers: {'www-authenticate': 'Basic realm="house"'}}});
  assert.deepEqual([proxys.isLogin, proxys.needsSession], [true, undefined]);
});

test('Refusal_TooManyWrongTokens_ShowsTheServersLine', async () => {
  const responses = {'/cam/healthz': HEALTHY, '/cam/stream': {status: 429, text: 'Try again in 6 s.\n'}};
  assert.equal((await refusal(responses)).text, 'Try again in 6 s.');
});

test('Refusal_Redirect_SaysLogInMayHaveExpired', async () => {
  const {text, isLogin} = await refusal({'/cam/healthz': {status: 0, responseType: 'opaqueredirect'}});
  assert.match(text, /login may have expired/);
  assert.equal(isLogin, true);
});

test('Refusal_403And503_ShowTheServersLine', async () => {
  for (const status of [403, 503]) {
    const {text} = await refusal({'/cam/healthz': {status, text: 'The line says why.\nAnd more.\n'}});
    assert.equal(text, 'The line says why.');
  }
});

test('Refusal_PageOfAProxy_ShowsTheStatusOnly', async () => {
  const {text} = await refusal({'/cam/healthz': {status: 502, text: '<html>', type: 'text/html'}});
  assert.equal(text, 'The server responds with 502.');
});

test('Refusal_OnlyTheStreamIsRefused_ShowsThatLine', async () => {
  const {text} = await refusal({'/cam/healthz': HEALTHY, '/cam/stream': {status: 403, text: 'Not for you.'}});
  assert.equal(text, 'Not for you.');
});

test('Refusal_ServerResponds_NamesTheProxyOrTheLogin', async () => {
  const responses = {'/cam/healthz': HEALTHY, '/cam/stream': {status: 426}};
  assert.match((await refusal(responses)).text, /A proxy/);
  responses['/cam/healthz anonymous'] = {status: 401};
  assert.match((await refusal(responses)).text, /requires a login/);
});

test('Refusal_WhatDoesNotGetThrough_IsWhatWasTried', async () => {
  const responses = {'/cam/healthz': HEALTHY, '/cam/stream': {status: 426}, '/cam/stream.v1': HEALTHY};
  assert.match((await refusal(responses, 'websocket')).text, /, but WebSocket connections do not get through\. A proxy/);
  assert.match((await refusal(responses, 'auto')).text, /, but neither WebSocket connections nor the stream over HTTP get/);
  assert.match((await refusal(responses, 'http')).text, /, but its stream over HTTP does not get through\. A proxy/);
});

test('Refusal_OnlyOverHttpWhereThereIsNone_SaysSo', async () => {
  const responses = {'/cam/healthz': HEALTHY, '/cam/stream.v1': {status: 404, text: 'There is nothing at this address.'}};
  const {text} = await refusal(responses, 'http');
  assert.match(text, /^There is no stream over HTTP/);
  assert.doesNotMatch(text, /WebSocket/);
  responses['/cam/stream.v1'] = {status: 403, text: 'Not for you.'};
  assert.equal((await refusal(responses, 'http')).text, 'Not for you.');
});

test('Refusal_NoServer_NamesTheHost', async () => {
  assert.equal((await refusal({})).text, 'The server at pi cannot be reached.');
});

test('Refusal_NoServerOverTls_MayHaveANewCertificate', async () => {
  const {text} = await refusalReason('https://pi/', 'https://pi', serverOf({}).fetch);
  assert.match(text, /^The server at pi cannot be reached, or its certificate is a new one/);
});

test('Refusal_AsksBesideTheStream_AndTellsItsOrigin', async () => {
  const {asked, fetch} = serverOf({'/cam/streams/garden/healthz': {status: 503, text: 'away'}});
  await refusalReason('http://pi/cam/streams/garden/', 'http://pi', fetch);
  assert.deepEqual(asked, ['/cam/streams/garden/healthz?origin=http%3A%2F%2Fpi']);
});

test('UnhealthyReason_IsTheLineOf503Only', async () => {
  const reason = (response) => unhealthyReason('http://pi/cam/', serverOf({'/cam/healthz': response}).fetch);
  assert.equal(await reason({status: 503, text: 'the camera was lost\n'}), 'the camera was lost');
  assert.equal(await reason(HEALTHY), '');
  assert.equal(await reason(undefined), '');
});

test('Notice_NeverConnected_DiffersFromConnectionLost', () => {
  const notice = (connectedBefore, reason) => noticeFor({state: 'reconnecting', connectedBefore, reason});
  assert.deepEqual(notice(false, 'Why.'), {title: 'Cannot connect', detail: 'Why.'});
  assert.deepEqual(notice(true), {title: 'Connection lost', detail: 'Trying to reconnect…'});
});

test('Notice_FrozenPicture_IsSaidOfOneThatPlays', () => {
  const [frozen, late] = [{seconds: 3, late: false}, {seconds: 5, late: true}];
  assert.equal(noticeFor({state: 'playing'}, frozen).title, 'The picture is frozen');
  assert.equal(noticeFor({state: 'playing'}, late).title, 'The picture is late');
  assert.equal(noticeFor({state: 'playing'}).title, 'Playing');
  assert.equal(noticeFor({state: 'stalled'}, frozen).title, 'No picture from the camera');
  assert.deepEqual([frozenText(frozen), frozenText(late), frozenText(LIVE)], ['Frozen for 3 s', 'Late by 5 s', '']);
});

test('FrozenText_OfALongTime_IsInMinutesOrHours', () => {
  const texts = [59, 60, 179, 3599, 3600, 28_800].map((seconds) => frozenText({seconds, late: false}));
  assert.deepEqual(texts, [
    'Frozen for 59 s', 'Frozen for 1 min', 'Frozen for 2 min', 'Frozen for 59 min', 'Frozen for 1 h', 'Frozen for 8 h',
  ]);
});

test('LineTexts_AreWhatTheServerTells', () => {
  assert.deepEqual(
      lineTexts({rateBps: 412_345, delayMs: 35.4, track: 'half', switches: 3, reason: 'the line is slow'}),
      {line: '412 kbit/s, 35 ms late', track: 'half size (changed 3 times: the line is slow)'});
  assert.deepEqual(lineTexts({delayMs: 0, track: 'tiny', switches: 1}), {line: '0 ms late', track: 'tiny (changed once)'});
  assert.deepEqual(lineTexts({track: 'full', switches: 0, reason: ''}), {line: '–', track: 'full size'});
  assert.deepEqual(lineTexts({track: 'quarter', reason: 'as wished'}), {line: '–', track: 'quarter size (as wished)'});
  assert.deepEqual(lineTexts(undefined), {line: '–', track: '–'});
});

const list = (...streams) => JSON.stringify({streams});
const GARDEN = {name: 'garden', path: 'streams/garden/', width: 640, height: 480, framerate: 24, viewers: 3};

test('Streams_List_HasAddressesUnderThePagesPrefix', async () => {
  const {asked, fetch} = serverOf({'/cam/api/v1/streams': {status: 200, text: list(GARDEN, {name: 'door', path: 'streams/door/'})}});
  assert.deepEqual(await fetchStreams(PAGE, fetch), [
    {name: 'garden', directory: 'http://pi/cam/streams/garden/', framerate: 24, shape: 640 / 480, viewers: 3},
    {name: 'door', directory: 'http://pi/cam/streams/door/', framerate: undefined, shape: undefined, viewers: undefined},
  ]);
  assert.deepEqual(asked, ['/cam/api/v1/streams']);
});

test('Streams_OfOneStreamsOwnPage_IsBesideIt', () => {
  const [stream] = parseStreams({streams: [{...GARDEN, path: './'}]}, 'http://pi/streams/garden/');
  assert.equal(stream.directory, 'http://pi/streams/garden/');
});

test('Streams_NoListOrAnotherThing_IsUndefined', async () => {
  assert.equal(await fetchStreams(PAGE, serverOf({'/cam/api/v1/streams': {status: 404, text: 'no'}}).fetch), undefined);
  assert.equal(await fetchStreams(PAGE, serverOf({'/cam/api/v1/streams': {status: 200, text: '<html>'}}).fetch), undefined);
  assert.equal(await fetchStreams(PAGE, serverOf({}).fetch), undefined);
  for (const other of [null, [], {}, {streams: []}, {streams: [{name: 'a'}]}, {streams: [null]}.streams,
                       {streams: [{name: 'a', path: 'https://elsewhere/'}]}]) {
    assert.equal(parseStreams(other, PAGE), undefined, JSON.stringify(other));
  }
});

const METRICS = `# HELP pistream_viewers Viewers now.
# TYPE pistream_viewers gauge
pistream_viewers{stream="garden"} 3
pistream_viewers{stream="door"} 1
pistream_viewers_left_total{cause="closed"} 9
pistream_pictures_encoded_total{stream="door",type="repeated"} 7
pistream_pictures_encoded_total{stream="garden",type="intra"} 5
`;

test('Metrics_OfAStream_AreThoseWithItsLabel', () => {
  assert.equal(metricOf(METRICS, 'pistream_viewers', 'door'), 1);
  assert.equal(metricOf(METRICS, 'pistream_viewers', 'attic'), undefined);
  assert.equal(metricOf(METRICS, 'pistream_pictures_encoded_total', 'garden', {type: 'intra'}), 5);
  assert.equal(metricOf(METRICS, 'pistream_pictures_encoded_total', 'garden', {type: 'repeated'}), undefined);
  assert.equal(metricOf(METRICS, 'pistream_pictures_coarsened_total', 'garden'), undefined);
});

test('Metrics_WithoutLabelOrName_AreTheOneStreams', () => {
  assert.equal(metricOf('pistream_viewers 2\n', 'pistream_viewers', 'camera'), 2);
  assert.equal(metricOf('pistream_viewers 2\n', 'pistream_viewers', undefined), 2);
  assert.equal(metricOf(METRICS, 'pistream_viewers', undefined), 3);
});

const keys = (state, names, count = 5, columns = 2) =>
    names.reduce((before, key) => afterKey(before, key, count, columns) ?? before, state);
const SMALL = {selected: 0, isLarge: false};

test('Wall_Arrows_MoveTheSelectionWithinIt', () => {
  assert.equal(keys(SMALL, ['ArrowRight']).selected, 1);
  assert.equal(keys(SMALL, ['ArrowDown', 'ArrowDown']).selected, 4);
  assert.equal(keys(SMALL, ['ArrowLeft', 'ArrowUp']).selected, 0);
  assert.equal(keys(SMALL, ['End', 'ArrowDown', 'ArrowRight']).selected, 4);
});

test('Wall_EnterAndEscape_MakeTheSelectedOneLargeAndSmall', () => {
  assert.deepEqual(keys(SMALL, ['ArrowRight', 'Enter']), {selected: 1, isLarge: true});
  assert.deepEqual(keys(SMALL, ['ArrowRight', 'Enter', 'ArrowDown']), {selected: 2, isLarge: true});
  assert.deepEqual(keys(SMALL, ['Enter', 'Escape']), {selected: 0, isLarge: false});
  assert.equal(afterKey(SMALL, 'Escape', 5, 2), undefined);
});

test('Wall_Digit_MakesThatOneLarge', () => {
  assert.deepEqual(keys(SMALL, ['3']), {selected: 2, isLarge: true});
  assert.deepEqual(keys(SMALL, ['3', '1']), {selected: 0, isLarge: true});
  assert.equal(afterKey(SMALL, '6', 5, 2), undefined);
  assert.equal(afterKey(SMALL, '0', 5, 2), undefined);
  assert.equal(afterKey(SMALL, 'x', 5, 2), undefined);
});

test('Wall_Columns_AreThoseOfTheFirstRow', () => {
  assert.equal(columnsOf([0, 100, 200, 0, 100]), 3);
  assert.equal(columnsOf([0, 0, 0]), 1);
  assert.equal(columnsOf([0, 100]), 2);
});
