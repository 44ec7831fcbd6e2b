// web/decoder: the project's own decoder, in WebAssembly.

import type {Decoder} from './decoder.js';
import type {Size} from './protocol.js';

// See web/decoder/wasm_exports.cc.
interface Exports {
  readonly memory: WebAssembly.Memory;
  decoder_reserve(width: number, height: number): number;
  decoder_input(): number;
  decoder_input_capacity(): number;
  decoder_decode(begin: number, end: number): number;
  decoder_announced_width(): number;
  decoder_announced_height(): number;
  decoder_width(): number;
  decoder_height(): number;
  decoder_convert(): number;
}

// DecodeStatus of web/decoder/mpeg1_decoder.h.
const STATUS_PICTURE = 0;
const STATUS_NEEDS_MEMORY = 5;

// Reserved at first; the first sequence header has the size that is needed.
const FIRST_SIZE: Size = {width: 640, height: 480};

export class WasmDecoder implements Decoder {
  readonly #exports: Exports;
  #size: Size|undefined;
  #image: ImageData|undefined;

  constructor(module: WebAssembly.Module) {
    this.#exports = new WebAssembly.Instance(module, {}).exports as unknown as Exports;
    this.#exports.decoder_reserve(FIRST_SIZE.width, FIRST_SIZE.height);
  }

  get size(): Size|undefined {
    return this.#size;
  }

  decode(picture: Uint8Array): boolean {
    let status = this.#decodeOnce(picture);
    if (status === STATUS_NEEDS_MEMORY && this.#reserveAnnounced()) {
      status = this.#decodeOnce(picture);
    }
    if (status !== STATUS_PICTURE) {
      return false;
    }
    const width = this.#exports.decoder_width();
    const height = this.#exports.decoder_height();
    if (this.#size?.width !== width || this.#size.height !== height) {
      this.#size = {width, height};
    }
    return true;
  }

  image(): ImageData {
    const {width, height} = this.#size ?? FIRST_SIZE;
    const begin = this.#exports.decoder_convert();
    const buffer = this.#exports.memory.buffer;
    const image = this.#image;
    // Growing the memory takes the buffer away from all views of it.
    const fits = image !== undefined && image.width === width && image.height === height &&
        image.data.buffer === buffer && image.data.byteOffset === begin;
    if (fits) {
      return image;
    }
    const pixels = new Uint8ClampedArray(buffer, begin, 4 * width * height);
    this.#image = new ImageData(pixels, width, height);
    return this.#image;
  }

  // Undefined if the picture is larger than any sound one of its size: damaged.
  #decodeOnce(picture: Uint8Array): number|undefined {
    const {memory} = this.#exports;
    if (picture.length > this.#exports.decoder_input_capacity()) {
      return undefined;
    }
    new Uint8Array(memory.buffer, this.#exports.decoder_input(), picture.length).set(picture);
    return this.#exports.decoder_decode(0, picture.length);
  }

  #reserveAnnounced(): boolean {
    const width = this.#exports.decoder_announced_width();
    const height = this.#exports.decoder_announced_height();
    return this.#exports.decoder_reserve(width, height) === 1;
  }
}
