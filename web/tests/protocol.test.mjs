import assert from 'node:assert/strict';
import {test} from 'node:test';
import {parseControlMessage, parseJsmpHeader, parsePictureMessage, pingMessage, qualityMessage, reportMessage} from '../player/protocol.ts';

const jsmp = (...size) => new Uint8Array([0x6a, 0x73, 0x6d, 0x70, ...size]);

function pictureMessage({version = 1, type = 2, flags = 0, pictureBytes = 4} = {}) {
  const message = new Uint8Array(32 + pictureBytes);
  const view = new DataView(message.buffer);
  view.setUint8(0, version);
  view.setUint8(1, type);
  view.setUint16(2, flags);
  view.setBigUint64(8, 70_000n);
  view.setBigUint64(16, 9_876_543_210_123n);
  view.setBigUint64(24, 9_876_544_000_999n);
  return message;
}

test('JsmpHeader_ValidBytes_TellsSize', () => {
  assert.deepEqual(parseJsmpHeader(jsmp(0x02, 0x80, 0x01, 0xe0)), {width: 640, height: 480});
});

test('JsmpHeader_OtherBytes_IsUndefined', () => {
  assert.equal(parseJsmpHeader(jsmp(2, 128, 1)), undefined);
  assert.equal(parseJsmpHeader(new Uint8Array([0, 0, 1, 0xb3, 2, 128, 1, 224])), undefined);
});

test('JsmpHeader_InTheMiddleOfABuffer_TellsSize', () => {
  const buffer = new Uint8Array([9, 9, ...jsmp(1, 64, 0, 240)]);
  assert.deepEqual(parseJsmpHeader(buffer.subarray(2)), {width: 320, height: 240});
});

test('PictureMessage_ValidHeader_TellsAllFields', () => {
  const picture = parsePictureMessage(pictureMessage({type: 1, flags: 1}));
  assert.equal(picture.intra, true);
  assert.equal(picture.bytes.length, 4);
  assert.deepEqual(picture.stamp, {
    sequence: 70_000, capturedMs: 9_876_543.21, sentMs: 9_876_544, discontinuity: true, repeat: false,
  });
});

test('PictureMessage_FlagBit1_IsARepeat', () => {
  const {stamp} = parsePictureMessage(pictureMessage({flags: 2}));
  assert.deepEqual([stamp.discontinuity, stamp.repeat], [false, true]);
});

test('PictureMessage_UnknownVersionOrType_IsUndefined', () => {
  assert.equal(parsePictureMessage(pictureMessage({version: 2})), undefined);
  assert.equal(parsePictureMessage(pictureMessage({type: 3})), undefined);
});

test('PictureMessage_WithoutPicture_IsUndefined', () => {
  assert.equal(parsePictureMessage(pictureMessage({pictureBytes: 0})), undefined);
  assert.equal(parsePictureMessage(new Uint8Array(0)), undefined);
});

test('ControlMessage_Pong_TellsServerTime', () => {
  assert.deepEqual(
      parseControlMessage('{"type":"pong","id":3,"server_ns":"1500000","later":true}'),
      {type: 'pong', id: 3, serverMs: 1.5});
});

test('ControlMessage_UnknownOrGarbage_IsUndefined', () => {
  for (const text of ['', 'x', 'null', '[]', '7', '{"type":"news"}', '{"type":"pong","id":3}',
                      '{"type":"pong","id":"3","server_ns":"1"}', '{"type":"pong","id":3,"server_ns":"-1"}']) {
    assert.equal(parseControlMessage(text), undefined, text);
  }
});

test('ControlMessage_Line_TellsWhatIsKnown', () => {
  const text = '{"type":"line","rate_bps":412000,"delay_ms":35.5,"track":"half","switches":3,"reason":"thin"}';
  assert.deepEqual(parseControlMessage(text), {
    type: 'line', line: {rateBps: 412_000, delayMs: 35.5, track: 'half', switches: 3, reason: 'thin'},
  });
});

test('ControlMessage_LineWithNonsense_LeavesThatOut', () => {
  const lineOf = (members) => parseControlMessage(JSON.stringify({type: 'line', ...members})).line;
  const nothing = {rateBps: undefined, delayMs: undefined, track: undefined, switches: undefined, reason: undefined};
  assert.deepEqual(lineOf({}), nothing);
  assert.deepEqual(lineOf({rate_bps: -1, delay_ms: '35', track: 7, switches: null, reason: {}}), nothing);
  assert.deepEqual(lineOf({rate_bps: 1e13, delay_ms: 1e9, track: '', switches: 1e10, reason: ''}), nothing);
  assert.deepEqual(lineOf({track: 'eighth', reason: 'x'.repeat(5000)}), {...nothing, track: 'eighth', reason: 'x'.repeat(200)});
});

test('OwnMessages_AreJsonOfTheProtocol', () => {
  assert.deepEqual(JSON.parse(pingMessage(5)), {type: 'ping', id: 5});
  assert.deepEqual(JSON.parse(pingMessage(6, 0)), {type: 'ping', id: 6, seen: 0});
  assert.deepEqual(JSON.parse(qualityMessage('low')), {type: 'quality', value: 'low'});
  const report = JSON.parse(reportMessage({seconds: 5, received: 1, decoded: 1, shown: 1, dropped: 0, delay_p50_ms: undefined}));
  assert.deepEqual(report, {type: 'report', seconds: 5, received: 1, decoded: 1, shown: 1, dropped: 0});
});
