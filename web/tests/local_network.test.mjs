import assert from 'node:assert/strict';
import {afterEach, beforeEach, test} from 'node:test';
import {Session} from '../player/session.ts';
import {LocalNetwork} from '../player/local_network.ts';
import {FakeFetch, settle} from './fake_fetch.mjs';
import {FakeSocket} from './fake_socket.mjs';
import {pass, useFakeTime, useRealTime} from './fake_time.mjs';

const NAMES = ['navigator', 'location', 'isSecureContext'];
const real = {};
let known;
let asked;
let status;
let events;
let session;

const set = (name, value) => Object.defineProperty(globalThis, name, {value, configurable: true, writable: true});

beforeEach(() => {
  useFakeTime();
  FakeSocket.install();
  FakeFetch.install();
  NAMES.forEach((name) => real[name] = globalThis[name]);
  [known, asked, events] = [['local-network', 'loopback-network'], [], []];
  status = {state: 'prompt'};
  set('isSecureContext', true);
  set('location', new URL('https://dash.example/'));
  set('navigator', {permissions: {query: async ({name}) => {
    asked.push(name);
    if (!known.includes(name)) {
      throw new TypeError(name);
    }
    return status;
  }}});
});

afterEach(() => {
  session?.handle({type: 'stop'});
  session = undefined;
  NAMES.forEach((name) => set(name, real[name]));
  useRealTime();
});

async function start(url = 'ws://192.168.1.7:8082/stream') {
  session = new Session(url, {}, {}, (event) => events.push(event));
  await settle();
}

const told = () => events.filter(({type}) => type === 'state').map(({state, reason}) => [state, reason]);

async function decide(state) {
  status.state = state;
  status.onchange();
  await settle();
}

for (const [what, url, names, expected] of [
  ['LocalAddress', 'ws://192.168.1.7/stream', ['local-network', 'loopback-network'], ['local-network']],
  ['Loopback', 'ws://127.0.0.1/stream', ['local-network', 'loopback-network'], ['loopback-network']],
  ['OlderBrowser', 'ws://pi.local/stream', ['local-network-access'], ['local-network', 'local-network-access']],
]) {
  test(`${what}_HasItsPermission`, async () => {
    known = names;
    const network = new LocalNetwork(url, () => {});
    await settle();
    assert.deepEqual([asked, network.mayAsk, network.isDenied], [expected, true, false]);
  });
}

for (const [what, prepare] of [
  ['OwnServer', () => set('location', new URL('https://192.168.1.7/'))],
  ['PageWithoutTls', () => set('isSecureContext', false)],
  ['BrowserWithoutPermissions', () => set('navigator', {})],
  ['BrowserThatKnowsNone', () => known = []],
]) {
  test(`${what}_IsNeitherAskedForNorDenied`, async () => {
    status.state = 'denied';
    prepare();
    const network = new LocalNetwork('ws://192.168.1.7/stream', () => {});
    await settle();
    assert.deepEqual([network.mayAsk, network.isDenied], [false, false]);
  });
}

test('BrowserThatAsks_IsWaitedForInWords', async () => {
  await start();
  pass(60_000);
  assert.equal(FakeSocket.all.length, 1);
  assert.deepEqual(told().map(([state]) => state), ['connecting']);
  assert.match(told()[0][1], /^If this browser asks .* local network, allow it\.$/);
});

test('BrowserThatConnectsAtOnce_SaysNothing', async () => {
  await start();
  pass(900);
  FakeSocket.newest.accept();
  assert.deepEqual(told(), []);
});

test('Denied_SaysWhereItIsAllowed_AndTriesAgainWhenItIs', async () => {
  await start();
  await decide('denied');
  FakeSocket.newest.fail();
  pass(60_000);
  assert.deepEqual([told().map(([state]) => state), FakeSocket.all.length], [['unsupported'], 1]);
  assert.match(told()[0][1], /settings of this site/);
  await decide('granted');
  assert.deepEqual([told().at(-1)[0], FakeSocket.all.length], ['connecting', 2]);
});

test('ConnectionLostLater_IsNotWaitedFor', async () => {
  await start();
  FakeSocket.newest.accept();
  FakeSocket.newest.fail();
  pass(5300);
  assert.deepEqual(told().map(([state]) => state), ['reconnecting', 'reconnecting']);
});

test('ConnectionLostLater_IsNotTakenForDenied', async () => {
  await start();
  FakeSocket.newest.accept();
  await decide('denied');
  FakeSocket.newest.fail();
  assert.equal(told().at(-1)[0], 'reconnecting');
});
