import assert from 'node:assert/strict';
import {test} from 'node:test';
import {codeText, parseCode} from './codes.mjs';
import {expose, GOOD_VIEW, lightOf, Perspective, y4m} from './optics.mjs';

const SCREEN = {width: 40, height: 30};
const PICTURE = {width: 80, height: 60};
const PLAIN = {...GOOD_VIEW, fill: 1, blurPx: 0, exposure: 1, veil: 0, noise: 0};

/** A screen that is white where `isWhite(x, y)`. */
function screenOf(isWhite) {
  const data = Uint8Array.from({length: 4 * SCREEN.width * SCREEN.height}, (_, at) => {
    const pixel = at >> 2;
    return isWhite(pixel % SCREEN.width, Math.floor(pixel / SCREEN.width)) ? 255 : 0;
  });
  return lightOf({...SCREEN, data});
}

const white = screenOf(() => true);
const leftHalf = screenOf((x) => x < SCREEN.width / 2);

function look(screen, view) {
  const seen = new Perspective(SCREEN, PICTURE, {...PLAIN, ...view}).project(screen);
  const luma = expose([{seen, share: 1}], PICTURE, {...PLAIN, ...view}, 1);
  return (x, y) => luma[y * PICTURE.width + x];
}

/** How many rows of a column are lit. */
const litRows = (at, x) => Array.from({length: PICTURE.height}, (_, y) => at(x, y)).filter((luma) => luma > 126).length;

test('straight ahead the screen fills its share of the picture, and no more', () => {
  const at = look(leftHalf, {});
  assert.equal(at(1, 1), 235);
  assert.equal(at(38, 58), 235);
  assert.equal(at(41, 1), 16);
  const half = look(white, {fill: 0.5});
  assert.equal(litRows(half, 40), 30);
  assert.equal(half(40, 14), 16);
});

test('turned, the side that is nearer is larger', () => {
  const yaw = look(white, {fill: 0.7, yawDeg: 30});
  assert.notEqual(litRows(yaw, 20), litRows(yaw, 60));
  const roll = look(leftHalf, {fill: 0.7, rollDeg: 90});
  assert.notEqual(roll(40, 20), roll(40, 40));
  assert.equal(roll(30, 20), roll(50, 20));
});

test('blur softens edges, and keeps the light', () => {
  const sharp = look(leftHalf, {});
  const soft = look(leftHalf, {blurPx: 3});
  assert.equal(sharp(43, 30), 16);
  assert.ok(soft(43, 30) > 40 && soft(43, 30) < 200);
  assert.equal(soft(20, 30), 235);
});

test('exposure, as a share of what saturates', () => {
  // Half the light is 255 * 0.5^(1/2.2), 186 of 255, 176 in limited range.
  assert.equal(look(white, {exposure: 0.5})(40, 30), 176);
  assert.equal(look(white, {exposure: 8})(40, 30), 235);
  assert.equal(look(leftHalf, {veil: 0.5})(60, 30), 176);
});

test('what the screen shows while the shutter is open adds up, as light', () => {
  const perspective = new Perspective(SCREEN, PICTURE, PLAIN);
  const parts = [{seen: perspective.project(white), share: 0.25}, {seen: perspective.project(leftHalf), share: 0.75}];
  const luma = expose(parts, PICTURE, PLAIN, 1);
  assert.equal(luma[10], 235);
  assert.equal(luma[70], 16 + Math.round(219 * 0.25 ** (1 / 2.2)));
});

test('noise is that of its seed, and of its strength', () => {
  const seen = new Perspective(SCREEN, PICTURE, PLAIN).project(white);
  const noisy = (seed) => expose([{seen, share: 1}], PICTURE, {...PLAIN, exposure: 0.3, noise: 10}, seed);
  assert.deepEqual(noisy(1), noisy(1));
  assert.notDeepEqual(noisy(1), noisy(2));
  const values = [...noisy(1)];
  const mean = values.reduce((sum, value) => sum + value) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  assert.ok(Math.abs(deviation - 10 * 219 / 255) < 0.5, `deviation ${deviation}`);
});

test('a recording is what the simulated camera takes', () => {
  const file = y4m([Buffer.alloc(80 * 60, 16), Buffer.alloc(80 * 60, 235)], PICTURE, 24);
  const header = 'YUV4MPEG2 W80 H60 F24:1 Ip C420jpeg\n';
  assert.equal(file.subarray(0, header.length).toString(), header);
  assert.equal(file.length, header.length + 2 * (6 + 80 * 60 * 3 / 2));
  assert.equal(file[file.length - 80 * 60 / 2], 128);
});

test('a code is read as it was written, and no other is one', () => {
  assert.deepEqual(parseCode(codeText(7, 1763920000000.25)), {number: 7, paintedMs: 1763920000000.3});
  assert.equal(codeText(7, 0).length, 26);
  assert.equal(parseCode(codeText(123456789, 0)).number, 23456789);
  assert.equal(parseCode('31415926535897932384626433'), null);
  assert.equal(parseCode(`${codeText(7, 0)}0`), null);
});
