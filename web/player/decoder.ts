// The interface to an MPEG-1 decoder, and how its WebAssembly is fetched.

import type {Size} from './protocol.js';

/** Takes pictures in the order of the stream. Used by one thread. */
export interface Decoder {
  /**
   * Decodes one picture with the headers before it. Returns false if it was damaged or its reference
   * is missing; the last good picture stays.
   */
  decode(picture: Uint8Array): boolean;

  /** Of the last good picture; undefined before the first. */
  readonly size: Size | undefined;

  /** The last good picture; valid until the next call of `decode`. Converts on each call. */
  image(): ImageData;
}

/** Where the decoder's two builds are: addresses to fetch, or the bytes themselves. */
export interface DecoderSource {
  readonly simd: string | Uint8Array<ArrayBuffer>;
  readonly scalar: string | Uint8Array<ArrayBuffer>;
}

// (module (func (result v128) i32.const 0 i8x16.splat)), as WebAssembly's binary format has it.
const SIMD_PROBE = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 8, 1, 6, 0, 65, 0, 253, 15,
  11,
]);

const FETCH_ATTEMPTS = 5;
const FETCH_RETRY_MS = 1000;

/** The server's response instead of the decoder: no fault of the browser. */
export class DecoderRefused extends Error {
  constructor(address: string, readonly status: number) {
    super(`${address}: the server responded with ${status}`);
  }
}

/** Rejects if there is no WebAssembly, or the decoder cannot be fetched: with DecoderRefused if there is a response. */
export async function compileDecoder(source: DecoderSource): Promise<WebAssembly.Module> {
  const chosen = WebAssembly.validate(SIMD_PROBE) ? source.simd : source.scalar;
  if (typeof chosen !== 'string') {
    return WebAssembly.compile(chosen);
  }
  const response = await fetchWithRetries(chosen);
  if (!response.ok) {
    throw new DecoderRefused(chosen, response.status);
  }
  return WebAssembly.compile(await response.arrayBuffer());
}

// The server may be restarting; a proxy responds with 502 or 503 then. The number of attempts is
// limited, since an address that a policy forbids looks the same.
async function fetchWithRetries(address: string): Promise<Response> {
  for (let attempt = 1; attempt < FETCH_ATTEMPTS; ++attempt) {
    const response = await fetch(address).catch(() => undefined);
    if (response !== undefined && response.status < 500) {
      return response;
    }
    await new Promise((resolve) => setTimeout(resolve, FETCH_RETRY_MS));
  }
  return fetch(address);
}
