// The page of a server with several streams: a wall of tiles.

import {mkdtemp, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {PrefixProxy} from '../lib/prefix_proxy.mjs';
import {expect, keep, needs, test as base} from '../lib/test.mjs';

const NAMES = ['garden', 'door', 'attic', 'cellar'];

// A file of streams: {name: {option: value}}.
async function writeConfig(streams) {
  const tables = Object.entries(streams).map(([name, options]) => {
    const lines = Object.entries(options).map(([key, value]) => `${key} = ${JSON.stringify(value)}\n`);
    return `[streams.${name}]\n${lines.join('')}`;
  });
  const file = path.join(await mkdtemp(path.join(tmpdir(), 'config-')), 'pistream.toml');
  await writeFile(file, tables.join('\n'));
  return file;
}

const simulated = (names) => Object.fromEntries(names.map((name) => [name, {source: 'simulated', size: '320x240'}]));

const test = base.extend({
  serve: async ({target}, use) => {
    needs(target, 'options');
    await use(async (streams = simulated(NAMES)) => {
      await target.transition('serving', {config: await writeConfig(streams)});
      return `${target.httpUrl}index.html`;
    });
  },
});

const tile = (page, name) => page.locator('.tile').filter({has: page.locator('.tile-name', {hasText: new RegExp(`^${name}$`)})});

async function untilAllPlay(page, names = NAMES) {
  for (const name of names) {
    await expect(tile(page, name)).toHaveAttribute('data-state', 'playing');
  }
}

/** The pictures that each tile's player has received at its `count`th next statistics. */
const receivedAfter = (page, count) => page.evaluate((accounts) => Promise.all(
    [...document.querySelectorAll('pistream-video')].map((video) => new Promise((resolve) => {
      let left = accounts;
      video.addEventListener('statistics', ({detail: {total}}) => --left === 0 && resolve(total.received));
    }))), count);

const view = (page) => page.evaluate(() => document.body.dataset.view);
const largeName = (page) => page.locator('.tile.large .tile-name').textContent();

test('every stream has a tile that plays and has its name', async ({serve, page, complaints}) => {
  await page.goto(await serve());
  await untilAllPlay(page);
  expect(await page.locator('.tile-name').allTextContents()).toEqual(NAMES);
  expect(await view(page)).toBe('wall');
  await keep('wall.png', await page.screenshot());
  expect(complaints).toEqual([]);
});

test('keys select a tile, make it large, and go back', async ({serve, page}) => {
  await page.goto(await serve());
  await untilAllPlay(page);
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  expect([await largeName(page), new URL(page.url()).hash]).toEqual(['door', '#door']);
  await page.keyboard.press('ArrowRight');
  expect(await largeName(page)).toBe('attic');
  await page.keyboard.press('4');
  expect(await largeName(page)).toBe('cellar');
  await page.keyboard.press('s');
  await expect(page.locator('#value-viewers')).toHaveText('1');
  await keep('wall-large.png', await page.screenshot());
  await page.keyboard.press(' ');
  await expect(tile(page, 'cellar')).toHaveAttribute('data-state', 'paused');
  await expect(tile(page, 'garden')).toHaveAttribute('data-state', 'playing');
  await page.keyboard.press('Escape');
  await expect.poll(() => view(page)).toBe('wall');
  expect(new URL(page.url()).hash).toBe('');
});

test('nobody is connected again when a tile becomes large', async ({serve, page}) => {
  await page.goto(await serve());
  await untilAllPlay(page);
  for (const key of ['1', '2', '3', 'Escape']) {
    await page.keyboard.press(key);
  }
  await receivedAfter(page, 2);
  const connections = await page.evaluate(
      () => [...document.querySelectorAll('pistream-video')].map(({player}) => player.statistics.total.connections));
  expect(connections).toEqual(NAMES.map(() => 1));
});

test('an address names the large one; Back leads to all of them', async ({serve, page}) => {
  const address = await serve();
  await page.goto(`${address}#attic`);
  await untilAllPlay(page);
  expect(await largeName(page)).toBe('attic');
  await page.getByRole('button', {name: 'All cameras'}).click();
  await expect.poll(() => view(page)).toBe('wall');
  await page.getByRole('button', {name: 'Show door large'}).click();
  expect(await largeName(page)).toBe('door');
  await page.goBack();
  await expect.poll(() => view(page)).toBe('wall');
});

test('on a phone, a tap makes a tile large', async ({serve, browser, browserName}) => {
  test.skip(browserName === 'firefox', 'WebDriver BiDi has no touch screen');
  const context = await browser.newContext({hasTouch: true, viewport: {width: 390, height: 844}});
  const page = await context.newPage();
  await page.goto(await serve());
  await untilAllPlay(page, NAMES.slice(0, 2));
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
  await page.getByRole('button', {name: 'Show door large'}).tap();
  expect(await largeName(page)).toBe('door');
  await keep('wall-phone.png', await page.screenshot());
  await context.close();
});

test('a tile outside of the window gets no pictures until it is scrolled into it', async ({serve, page}) => {
  await page.setViewportSize({width: 390, height: 400});
  await page.goto(await serve());
  await untilAllPlay(page, ['garden']);
  await receivedAfter(page, 2);
  const before = await receivedAfter(page, 1);
  const after = await receivedAfter(page, 2);
  const grows = after.map((received, index) => received > before[index]);
  expect([grows[0], grows[3]]).toEqual([true, false]);
  await tile(page, 'cellar').scrollIntoViewIfNeeded();
  await untilAllPlay(page, ['cellar']);
  const later = await receivedAfter(page, 2);
  expect(later[3]).toBeGreaterThan(after[3]);
});

test('a hidden wall gets no pictures at all', async ({serve, page}) => {
  await page.goto(await serve());
  await untilAllPlay(page);
  const show = (state) => page.evaluate((value) => {
    Object.defineProperty(document, 'visibilityState', {value, configurable: true});
    document.dispatchEvent(new Event('visibilitychange'));
  }, state);
  await show('hidden');
  await receivedAfter(page, 2);
  const before = await receivedAfter(page, 1);
  expect(await receivedAfter(page, 3)).toEqual(before);
  await show('visible');
  await untilAllPlay(page);
  const after = await receivedAfter(page, 2);
  after.forEach((received, index) => expect(received).toBeGreaterThan(before[index]));
});

test('a tile says that its camera is away, and the others play', async ({serve, page}) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'scenario-'));
  const scenario = path.join(folder, 'away.toml');
  await writeFile(scenario, '[[fault]]\nkind = "disappear"\nat_seconds = 3\nfor_seconds = 3600\n');
  const streams = {...simulated(['garden', 'door']), attic: {source: `simulated:${scenario}`, size: '320x240'}};
  await page.goto(await serve(streams));
  await expect(tile(page, 'attic').getByRole('status')).toContainText('No picture from the camera');
  await expect(tile(page, 'attic').getByRole('status')).not.toContainText('Waiting for it to come back');
  await untilAllPlay(page, ['garden', 'door']);
  await keep('wall-away.png', await page.screenshot());
});

test('a stream\'s own page shows it alone', async ({serve, page}) => {
  const address = await serve();
  await page.goto(new URL('streams/attic/', address).href);
  await expect(page.locator('.tile')).toHaveCount(1);
  await expect(page.locator('.tile')).toHaveAttribute('data-state', 'playing');
  expect(await view(page)).toBe('single');
  await expect(page.locator('.tile-name')).toHaveText('attic');
});

test('under a prefix the wall asks for nothing outside of it', async ({serve, target, page}) => {
  await serve();
  const proxy = await PrefixProxy.open(target.httpUrl, '/house/cam/');
  try {
    // The redirect of the directory must stay below the prefix as well.
    await page.goto(proxy.httpUrl);
    await untilAllPlay(page);
    expect(proxy.outside).toEqual([]);
  } finally {
    await proxy.close();
  }
});
