import assert from 'node:assert/strict';
import {test} from 'node:test';
import {fetchAccess, logIn, logInFromAddress, logOut, sessionAddress, tokenIn} from '../page/access.ts';

const ADDRESS = 'http://pi/cam/session';
const REALM = {'www-authenticate': 'Bearer realm="pistream"'};
const STRANGER = {status: 401, headers: REALM, text: '{"role":"none"}\n'};
const VIEWER = {status: 200, text: '{"role":"view"}\n'};
const CONTROLLER = {status: 200, text: '{"role":"control"}\n'};

// A server with one of these for each request in turn; undefined: it cannot be reached.
function serverOf(...responses) {
  const asked = [];
  const fetch = async (address, {method = 'GET', body = ''}) => {
    asked.push([method, address.slice(ADDRESS.length), body].join(' ').trim());
    const response = responses[asked.length - 1];
    if (response === undefined) {
      throw new TypeError('Failed to fetch');
    }
    const {status, text = null, headers = {}} = response;
    return new Response(text, {status, headers: {'content-type': 'text/plain', ...headers}});
  };
  return {asked, fetch};
}

const access = (response) => fetchAccess(ADDRESS, serverOf(response).fetch);
const logInWith = (...responses) => logIn(ADDRESS, 'the token', serverOf(...responses).fetch);

test('TokenIn_IsThatOfAFragment', () => {
  assert.equal(tokenIn('#t=aB-._~+/='), 'aB-._~+/=');
  assert.equal(tokenIn('#t=a%2Bb'), 'a+b');
  assert.equal(tokenIn('#t=a%b'), 'a%b');
  for (const hash of ['', '#', '#t=', '#garden', '#x#t=a']) {
    assert.equal(tokenIn(hash), undefined, hash);
  }
});

test('SessionAddress_IsBesideThePage_OrThatOfAllStreams', () => {
  for (const [page, expected] of [
    ['http://pi/index.html#t=x', 'http://pi/session'],
    ['http://pi/?quality=low', 'http://pi/session'],
    ['http://pi/streams/door/index.html', 'http://pi/session'],
    ['https://house/cam/streams/door/', 'https://house/cam/session'],
    ['https://house/streams/index.html', 'https://house/streams/session'],
  ]) {
    assert.equal(sessionAddress(page), expected, page);
  }
});

test('Access_IsTheServersRole', async () => {
  assert.equal(await access(STRANGER), 'none');
  assert.equal(await access(VIEWER), 'view');
  assert.equal(await access({status: 200, text: '{"role":"control"}'}), 'control');
  assert.equal(await access({status: 200, text: '{"role":"control","open":true}'}), 'open');
});

test('Access_OfAnotherServer_IsUnknown', async () => {
  const proxys = {status: 401, headers: {'www-authenticate': 'Basic realm="house"'}};
  for (const response of [{status: 404}, proxys, {status: 200, text: '<html>'}, {status: 200, text: '{}'}, undefined]) {
    assert.equal(await access(response), undefined, JSON.stringify(response));
  }
});

test('LogIn_SendsTheTokenAndLooksForTheCookie', async () => {
  const {asked, fetch} = serverOf(VIEWER, VIEWER);
  assert.equal(await logIn(ADDRESS, 'the token', fetch), '');
  assert.deepEqual(asked, ['POST  the token', 'GET']);
});

test('LogIn_Failed_SaysWhy', async () => {
  assert.match(await logInWith({...STRANGER, text: 'The token is wrong.\n'}), /^This token is wrong\./);
  assert.match(await logInWith({status: 429, headers: {'retry-after': '6'}}), /Try again in 6 s\.$/);
  assert.equal(await logInWith({status: 403, text: 'Pages of other hosts may not.\n'}), 'Pages of other hosts may not.');
  assert.match(await logInWith(undefined), /cannot be reached/);
});

test('LogIn_CookieIsNotKept_SaysSo', async () => {
  assert.match(await logInWith(VIEWER, STRANGER), /keeps no cookies/);
});

test('LogInFromAddress_SessionToControl_Stays', async () => {
  for (const session of [CONTROLLER, {status: 200, text: '{"role":"control","open":true}'}]) {
    const {asked, fetch} = serverOf(session, VIEWER, VIEWER);
    assert.equal(await logInFromAddress(ADDRESS, 'to view', fetch), '');
    assert.deepEqual(asked, ['GET'], session.text);
  }
});

test('LogInFromAddress_WrongToken_MattersOnlyWithoutSession', async () => {
  const {asked, fetch} = serverOf(VIEWER, STRANGER);
  assert.equal(await logInFromAddress(ADDRESS, 'old', fetch), '');
  assert.deepEqual(asked, ['GET', 'POST  old']);
  assert.match(await logInFromAddress(ADDRESS, 'old', serverOf(STRANGER, STRANGER).fetch), /^This token is wrong\./);
});

test('LogInFromAddress_SessionToView_BecomesThatOfTheToken', async () => {
  const {asked, fetch} = serverOf(VIEWER, CONTROLLER, CONTROLLER);
  assert.equal(await logInFromAddress(ADDRESS, 'to control', fetch), '');
  assert.deepEqual(asked, ['GET', 'POST  to control', 'GET']);
});

test('LogOut_IsOfThisBrowserOrEverywhere', async () => {
  const {asked, fetch} = serverOf({status: 204}, {status: 204}, STRANGER, {status: 503, text: 'Later.\n'}, undefined);
  const reasons = [];
  for (const everywhere of [false, true, false, false, false]) {
    reasons.push(await logOut(ADDRESS, everywhere, fetch));
  }
  assert.deepEqual(reasons, ['', '', '', 'Later.', 'The server cannot be reached. Try again.']);
  assert.deepEqual(asked.slice(0, 2), ['DELETE', 'DELETE ?everywhere']);
});
