import assert from 'node:assert/strict';
import {afterEach, beforeEach, test} from 'node:test';
import {HttpSlots} from '../player/http_slots.ts';
import {FakeBroadcast} from './fake_broadcast.mjs';

const real = {};
let leave;

beforeEach(() => {
  for (const name of ['BroadcastChannel', 'addEventListener']) {
    real[name] = globalThis[name];
  }
  FakeBroadcast.install();
  leave = [];
  globalThis.addEventListener = (name, listener) => name === 'pagehide' && leave.push(listener);
});

afterEach(() => Object.assign(globalThis, real));

test('OnePage_HasTwo', () => {
  const slots = new HttpSlots();
  const players = [{}, {}, {}];
  assert.deepEqual(players.map((player) => slots.take(player)), [true, true, false]);
  slots.release(players[2]);
  assert.equal(slots.take(players[2]), false);
  slots.release(players[0]);
  assert.equal(slots.take(players[2]), true);
});

test('AllPages_HaveFour', () => {
  const pages = [new HttpSlots(), new HttpSlots()];
  const players = [{}, {}, {}];
  assert.deepEqual(players.map((player) => pages[0].take(player)), [true, true, false]);
  // One that comes later asks.
  pages.push(new HttpSlots());
  assert.equal(pages[1].take({}), true);
  assert.deepEqual([pages[2].take({}), pages[2].take({})], [true, false]);
  leave[0]();
  assert.deepEqual([pages[2].take({}), pages[1].take({}), pages[1].take({})], [true, true, false]);
});

test('PageWithoutAChannel_CountsItsOwn', () => {
  globalThis.BroadcastChannel = class {
    constructor() {
      throw new DOMException('The operation is insecure.', 'SecurityError');
    }
  };
  const slots = new HttpSlots();
  const players = [{}, {}, {}];
  assert.deepEqual(players.map((player) => slots.take(player)), [true, true, false]);
  slots.release(players[0]);
  leave[0]();
  assert.equal(slots.take(players[2]), true);
});
