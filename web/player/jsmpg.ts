// /jsmpg.js: for pages made for pistreaming, whose script it replaces.
//
//   var player = new jsmpeg(new WebSocket('ws://pi:8084/'), {canvas: canvas});
//
// Draws on the page's own thread: such a page may have drawn on the canvas already, and may read it.

import scalar from 'decoder-scalar.wasm';
import simd from 'decoder.wasm';

import {compileDecoder} from './decoder.js';
import {Screen} from './screen.js';
import {Surface} from './surface.js';
import {WasmDecoder} from './wasm_decoder.js';

interface ClassicOptions {
  readonly canvas?: HTMLCanvasElement;
  readonly ondecodeframe?: (player: ClassicPlayer, canvas: HTMLCanvasElement) => void;
}

class ClassicPlayer {
  readonly canvas: HTMLCanvasElement;
  readonly client: WebSocket;
  width = 0;
  height = 0;
  #screen: Screen|undefined;
  #paused = false;
  // Messages from before the decoder was there.
  #early: Uint8Array[] = [];

  constructor(client: unknown, options: ClassicOptions = {}) {
    if (!(client instanceof WebSocket)) {
      throw new TypeError('jsmpeg: pass a WebSocket; this player shows live streams, not files');
    }
    this.client = client;
    this.canvas = options.canvas ?? document.createElement('canvas');
    client.binaryType = 'arraybuffer';
    client.addEventListener('message', ({data}: MessageEvent<unknown>) => {
      if (data instanceof ArrayBuffer) {
        this.#take(new Uint8Array(data));
      }
    });
    document.addEventListener('visibilitychange', () => this.#hold());
    void this.#start(options);
  }

  play(): void {
    this.#paused = false;
    this.#hold();
  }

  pause(): void {
    this.#paused = true;
    this.#hold();
  }

  stop(): void {
    this.client.close();
  }

  async #start({ondecodeframe}: ClassicOptions): Promise<void> {
    const decoder = new WasmDecoder(await compileDecoder({simd, scalar}));
    const screen = new Screen(decoder, new Surface(this.canvas), {
      onResize: ({width, height}) => {
        this.width = width;
        this.height = height;
      },
      onFirstDrawn: () => undefined,
      onLive: () => undefined,
      onShown: () => ondecodeframe?.(this, this.canvas),
    });
    screen.probe = ondecodeframe === undefined ? undefined : 'none';
    this.#screen = screen;
    this.#hold();
    this.#early.forEach((message) => this.#take(message));
    this.#early = [];
  }

  #take(message: Uint8Array): void {
    if (this.#screen !== undefined) {
      this.#screen.take(message, false);
    } else {
      this.#early.push(message);
    }
  }

  #hold(): void {
    if (this.#paused || document.visibilityState !== 'visible') {
      this.#screen?.hold();
    } else {
      this.#screen?.release(false);
    }
  }
}

// With or without `new`.
function jsmpeg(client: unknown, options?: ClassicOptions): ClassicPlayer {
  return new ClassicPlayer(client, options);
}

Object.assign(globalThis, {jsmpeg});
