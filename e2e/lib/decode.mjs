// Decodes pictures in Node with the player's own decoder (web/decoder/wasm_exports.cc).

import {readFile} from 'node:fs/promises';

const STATUS_PICTURE = 0;

/** Returns decode(bytes): {width, height, pixels (RGBA)}, or null if the picture cannot be decoded. */
export async function makeDecoder({width, height}) {
  const bytes = await readFile(process.env.DECODER);
  const {instance} = await WebAssembly.instantiate(bytes);
  const decoder = instance.exports;
  decoder.decoder_reserve(width, height);
  return (picture) => {
    new Uint8Array(decoder.memory.buffer, decoder.decoder_input()).set(picture);
    if (decoder.decoder_decode(0, picture.length) !== STATUS_PICTURE) {
      return null;
    }
    const size = {width: decoder.decoder_width(), height: decoder.decoder_height()};
    const pixels = new Uint8Array(
        decoder.memory.buffer, decoder.decoder_convert(), 4 * size.width * size.height);
    return {...size, pixels: pixels.slice()};
  };
}
