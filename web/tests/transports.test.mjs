import assert from 'node:assert/strict';
import {test} from 'node:test';
import {TransportChoice} from '../player/transports.ts';

// The transports of attempts that all fail; "!" is before those that follow at once.
function attempts(choice, count) {
  const transports = [];
  for (let at = 0, mark = ''; at < count; ++at) {
    transports.push(mark + choice.transport);
    mark = choice.failed() ? '!' : '';
  }
  return transports.join(' ');
}

test('FixedTransport_StaysWhateverFails', () => {
  assert.equal(attempts(new TransportChoice('websocket'), 4), 'websocket websocket websocket websocket');
  assert.equal(attempts(new TransportChoice('http'), 3), 'http http http');
});

test('Auto_TriesHttpAtOnceAfterEachTwoWebSockets', () => {
  assert.equal(attempts(new TransportChoice('auto'), 6), 'websocket websocket !http websocket websocket !http');
});

test('AutoWhereHttpWorked_PrefersItButTriesTheOther', () => {
  const choice = new TransportChoice('auto');
  attempts(choice, 2);
  choice.worked();
  choice.lost();
  assert.equal(attempts(choice, 7), 'http http http http websocket !http http');
});

test('AutoWhereAWebSocketWorked_IsPatient', () => {
  const choice = new TransportChoice('auto');
  choice.worked();
  assert.equal(attempts(choice, 6), 'websocket websocket websocket websocket !http websocket');
});

test('AutoWhereAWebSocketWorked_BeginsAgainWhenTheServerIsBack', () => {
  const choice = new TransportChoice('auto');
  choice.worked();
  attempts(choice, 3);
  choice.lost();
  assert.equal(attempts(choice, 4), 'websocket websocket websocket websocket');
});

test('HttpFirst_EachAttemptIsOfBoth', () => {
  const choice = new TransportChoice('http first');
  assert.deepEqual([choice.isTrial, choice.omitsCredentials], [true, true]);
  assert.equal(attempts(choice, 4), 'http !websocket http !websocket');
});

test('HttpFirstThatFails_WebSocketStays', () => {
  const choice = new TransportChoice('http first');
  choice.failed();
  assert.equal(choice.isTrial, false);
  choice.worked();
  choice.lost();
  assert.equal(attempts(choice, 3), 'websocket websocket websocket');
});

test('HttpFirstThatWorks_IsPreferredAgainAfterALoss', () => {
  const choice = new TransportChoice('http first');
  choice.worked();
  assert.equal(attempts(choice, 5), 'http http http http websocket');
  choice.worked();
  choice.lost();
  assert.deepEqual([choice.transport, choice.isTrial, choice.omitsCredentials], ['http', false, true]);
});

test('HttpFirstThatFailsWithoutCredentials_IsTriedWithThem', () => {
  const choice = new TransportChoice('http first');
  attempts(choice, 2);
  assert.deepEqual([choice.transport, choice.omitsCredentials], ['http', false]);
});

test('HttpFirstRefusedForWantOfASession_IsTriedWithCredentialsFromThenOn', () => {
  const choice = new TransportChoice('http first');
  assert.equal(choice.unauthorized(), true);
  assert.deepEqual([choice.transport, choice.omitsCredentials], ['http', false]);
  choice.worked();
  choice.lost();
  assert.deepEqual([choice.omitsCredentials, choice.unauthorized()], [false, false]);
});

test('OtherPreferences_HaveCredentials', () => {
  for (const preference of ['auto', 'http', 'websocket']) {
    assert.equal(new TransportChoice(preference).omitsCredentials, false, preference);
  }
});
