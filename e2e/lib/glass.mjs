// From glass to glass: a page paints QR codes with number and time, and the viewer's page reads them from
// the pictures that it shows (docs/glass-to-glass.md). Both use zxing-wasm, ZXing's C++ in WebAssembly.

import {readFile} from 'node:fs/promises';
import {createRequire} from 'node:module';
import {distribution, offsetToMonotonic} from './clocks.mjs';
import {pictureSize, seenAtLeast, untilPlaying} from './watch.mjs';

const require = createRequire(import.meta.url);
// A code stays unchanged while the others are painted: at 60 refreshes a second, an exposure of up to
// 50 ms contains at least one that does not change.
export const SLOTS = 4;
// A faster monitor does not change them more often.
const REFRESH_MS = 1000 / 60;

/** Installs ZXingWASM, codeText() and parseCode() in the page; nothing is fetched. */
async function installZxing(page) {
  const script = await readFile(require.resolve('zxing-wasm/full').replace('/cjs/', '/iife/'), 'utf8');
  const wasm = await readFile(require.resolve('zxing-wasm/full/zxing_full.wasm'), 'base64');
  const codes = await readFile(new URL('codes.mjs', import.meta.url), 'utf8');
  await page.evaluate(`${script}; globalThis.ZXingWASM = ZXingWASM;`);
  await page.evaluate(`(() => {
    ${codes.replaceAll(/^export /gm, '')}
    Object.assign(globalThis, {codeText, parseCode});
  })()`);
  await page.evaluate(async (base64) => {
    const wasmBinary = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)).buffer;
    await ZXingWASM.prepareZXingModule({overrides: {wasmBinary}, fireImmediately: true});
  }, wasm);
}

/**
 * Prepares the page for painting codes: paintCode(number, paintedMs) paints one at its position. The codes
 * are two by two in the middle of a white page, as large as possible.
 */
export async function installPainter(page) {
  await page.setContent('<!DOCTYPE html><title>glass to glass</title><body style="margin: 0; background: white; overflow: hidden">');
  await installZxing(page);
  await page.evaluate((slots) => {
    const QUIET = 4; // modules of white around a code (ISO/IEC 18004)
    const MODULES = 21;
    const across = Math.sqrt(slots);
    const canvas = document.body.appendChild(document.createElement('canvas'));
    const side = across * MODULES + (across + 1) * QUIET;
    const context = canvas.getContext('2d');
    // Modules are whole pixels of the monitor.
    let scale;
    const fit = () => {
      scale = Math.max(1, Math.floor(Math.min(innerWidth, innerHeight) * devicePixelRatio / side));
      canvas.width = canvas.height = scale * side;
      canvas.style = `position: fixed; inset: 0; margin: auto; width: ${canvas.width / devicePixelRatio}px`;
    };
    fit();
    addEventListener('resize', fit);
    globalThis.paintCode = async (number, paintedMs) => {
      const {symbol, error} = await ZXingWASM.writeBarcode(codeText(number, paintedMs), {format: 'QRCode', options: 'ecLevel=Q,version=1'});
      if (error) {
        throw new Error(error);
      }
      const slot = number % slots;
      const left = QUIET + slot % across * (MODULES + QUIET);
      const top = QUIET + Math.floor(slot / across) * (MODULES + QUIET);
      for (let y = 0; y < MODULES; ++y) {
        for (let x = 0; x < MODULES; ++x) {
          context.fillStyle = symbol.data[y * MODULES + x] === 0 ? 'black' : 'white';
          context.fillRect((left + x) * scale, (top + y) * scale, scale, scale);
        }
      }
    };
  }, SLOTS);
}

/** Lets the page paint a code at each refresh of the monitor, at most 60 a second. */
export async function paintForEver(page) {
  await page.evaluate((refreshMs) => {
    let number = 0;
    let lastMs = -Infinity;
    const paint = async (frameMs) => {
      if (frameMs - lastMs > 0.95 * refreshMs) {
        lastMs = frameMs;
        await paintCode(number++, performance.timeOrigin + performance.now());
      }
      requestAnimationFrame(paint);
    };
    requestAnimationFrame(paint);
  }, REFRESH_MS);
}

/** The codes in a screenshot, as [{number, paintedMs}], read by a page with installReader. */
export async function codesIn(page, png) {
  return page.evaluate(
      (base64) => readCodes(Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))),
      png.toString('base64'));
}

/**
 * Lets the viewer's page read the codes of the newest picture, each time it has finished another:
 * `glimpses`, [{drawnMs, codes: [{number, paintedMs}]}], with the result of `readStamp` if the page has that
 * function.
 */
export async function watchCodes(page) {
  const {width, height} = await pictureSize(page);
  await installReader(page);
  await page.evaluate((rectangle) => {
    globalThis.glimpses = [];
    let newest = null;
    let isReading = false;
    const readAll = async () => {
      for (isReading = true; newest !== null;) {
        const {pixels, drawnMs} = newest;
        newest = null;
        const stamp = globalThis.readStamp?.(pixels, rectangle.width, rectangle.height);
        globalThis.glimpses.push({drawnMs, ...stamp, codes: await readCodes(pixels)});
      }
      isReading = false;
    };
    const {player} = document.querySelector('pistream-video');
    player.addEventListener('picture', ({detail}) => {
      newest = detail;
      if (!isReading) {
        void readAll();
      }
    });
    player.watchPictures(rectangle);
  }, {x: 0, y: 0, width, height});
}

/** Installs readCodes(pixels) in the page. */
export async function installReader(page) {
  await installZxing(page);
  await page.evaluate((slots) => {
    globalThis.readCodes = async (picture) => {
      const found = await ZXingWASM.readBarcodes(picture, {
        formats: ['QRCode'], maxNumberOfSymbols: 2 * slots, tryHarder: true, tryInvert: false,
      });
      return found.map(({text}) => parseCode(text)).filter((code) => code !== null);
    };
  }, SLOTS);
}

/**
 * Measures with windows on a monitor that the camera sees: the painting page, as large as the monitor, and
 * the viewer's page in a window behind it. Resolves to the result of glassToGlass() for the requested number
 * of pictures, and {clockUncertaintyMs}; rejects if no code is read in the first two minutes.
 */
export async function measureWithWindows(browser, httpUrl, pictures) {
  const viewer = await browser.newPage({viewport: null});
  await viewer.goto(httpUrl);
  await untilPlaying(viewer);
  const painter = await browser.newPage({viewport: null});
  await installPainter(painter);
  await paintForEver(painter);
  await fillMonitor(painter);
  await watchCodes(viewer);
  await untilCodeIsRead(viewer);
  const glimpses = await seenAtLeast(viewer, pictures, 'glimpses');
  const [painters, viewers] = [await offsetToMonotonic(painter), await offsetToMonotonic(viewer)];
  const behindMs = painters.offsetMs - viewers.offsetMs;
  return {
    ...glassToGlass(glimpses.map(({drawnMs, codes}) => ({
                                   drawnMs,
                                   paintedMs: codes.map(({paintedMs}) => paintedMs + behindMs),
                                 }))),
    clockUncertaintyMs: (painters.roundTripMs + viewers.roundTripMs) / 2,
  };
}

async function fillMonitor(page) {
  const session = await page.context().newCDPSession(page);
  const {windowId} = await session.send('Browser.getWindowForTarget');
  await session.send('Browser.setWindowBounds', {windowId, bounds: {windowState: 'fullscreen'}});
}

async function untilCodeIsRead(viewer) {
  try {
    await viewer.waitForFunction(() => globalThis.glimpses.some(({codes}) => codes.length > 0), null, {timeout: 120_000});
  } catch (cause) {
    throw new Error('no code was read: does the camera see all of the monitor, in focus? (docs/glass-to-glass.md)', {cause});
  }
  await viewer.evaluate(() => globalThis.glimpses = []);
}

/**
 * From pictures, [{drawnMs, paintedMs: [of each code that was read]}], by one clock: the time between
 * painting the newest code of each and drawing the picture.
 */
export function glassToGlass(pictures) {
  const readable = pictures.filter(({paintedMs}) => paintedMs.length > 0);
  const delays = readable.map(({drawnMs, paintedMs}) => ({drawnMs, delayMs: drawnMs - Math.max(...paintedMs)}));
  return {
    pictures: pictures.length,
    withCodes: readable.length,
    codes: pictures.reduce((sum, {paintedMs}) => sum + paintedMs.length, 0),
    delays,
    delayMs: delays.length > 0 ? distribution(delays.map(({delayMs}) => delayMs)) : null,
  };
}
