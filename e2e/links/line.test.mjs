import assert from 'node:assert/strict';
import {test} from 'node:test';
import {Line} from './line.mjs';

const MEGABIT = 125_000; // bytes

test('a line takes its time', () => {
  const line = new Line({rate: [{at: 0, mbit: 2}], outages: []});
  assert.equal(line.finish(3, MEGABIT), 3.5);
});

test('a step changes the rest', () => {
  const line = new Line({rate: [{at: 0, mbit: 2}, {at: 10, mbit: 1}], outages: []});
  assert.equal(line.finish(9.75, MEGABIT), 10.5);
  assert.equal(line.finish(20, MEGABIT), 21);
});

test('an outage holds what is sent, and steps within it apply after it', () => {
  const line = new Line({rate: [{at: 0, mbit: 2}, {at: 9, mbit: 1}], outages: [{at: 8, for: 2}]});
  assert.equal(line.finish(7.75, MEGABIT), 10.5);
  assert.equal(line.finish(8, MEGABIT), 11);
});
