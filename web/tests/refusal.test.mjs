import assert from 'node:assert/strict';
import {afterEach, test} from 'node:test';
import {refusalOf} from '../player/refusal.ts';

afterEach(() => delete globalThis.origin);

test('OwnPage_AsksTheServerItself', () => {
  globalThis.origin = 'https://pi:8082';
  assert.deepEqual(refusalOf('wss://pi:8082/stream', false), {});
});

test('UnknownCertificate_IsAcceptedOnTheServersPage', () => {
  globalThis.origin = 'https://dash';
  const {reason, link} = refusalOf('wss://pi:8082/cam/stream?token=abc', true);
  assert.match(reason, /does not know the certificate/);
  assert.equal(link, 'https://pi:8082/cam/?token=abc');
});

test('BrowserThatHidesWhy_OverTls_MayNotKnowTheCertificate', () => {
  globalThis.origin = 'https://dash';
  const {reason, link} = refusalOf('wss://pi:8082/stream', false);
  assert.match(reason, /^pi:8082 cannot be reached, .* --allow-origin https:\/\/dash, .* does not know its certificate/);
  assert.equal(link, 'https://pi:8082/');
});
