// JSMpeg 1.0's WebAssembly decoder in a page, fed elementary stream directly.

import {readFile} from 'node:fs/promises';
import {createRequire} from 'node:module';

const SCRIPT = createRequire(import.meta.url)
    .resolve('@cycjimmy/jsmpeg-player')
    .replace(/[^/]*$/, 'jsmpeg-player.umd.js');

/** Installs JSMpeg in the page, and `openJsmpeg1(destination)`, which resolves to a new decoder. */
export async function installJsmpeg1(page) {
  await page.addScriptTag({content: await readFile(SCRIPT, 'utf8')});
  await page.evaluate(() => {
    globalThis.openJsmpeg1 = async (destination) => {
      const wasmModule = new JSMpeg.WASMModule();
      await new Promise((resolve) => {
        wasmModule.loadFromBuffer(JSMpeg.Base64ToArrayBuffer(JSMpeg.WASM_BINARY_INLINED), resolve);
      });
      const decoder = new JSMpeg.Decoder.MPEG1VideoWASM(
          {wasmModule, streaming: true, decodeFirstFrame: false, videoBufferSize: 2 << 20});
      decoder.connect(destination);
      return decoder;
    };
  });
}

/**
 * Feeds the messages to a decoder, which decodes after each until it returns nothing: a hash of each picture
 * that it drew.
 */
export async function feedJsmpeg1(page, messages) {
  await installJsmpeg1(page);
  return page.evaluate(async (encoded) => {
    const bytesOf = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const decodeAll = async (isGreedy) => {
      const hashes = [];
      const decoder = await openJsmpeg1({
        resize() {},
        render(y) {
          hashes.push(y.reduce((hash, value) => Math.imul(hash ^ value, 0x01000193), 0x811c9dc5));
        },
      });
      for (const message of encoded) {
        decoder.write(0, [bytesOf(message)]);
        while (decoder.decode() && isGreedy) {
          // Until it returns nothing more.
        }
      }
      return hashes;
    };
    return {once: await decodeAll(false), greedy: await decodeAll(true)};
  }, messages.map((message) => message.toString('base64')));
}
