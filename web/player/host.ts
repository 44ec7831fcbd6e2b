// Where a session runs: in a worker if the browser lets it draw from there, else in the page.

import {compileDecoder, type DecoderSource} from './decoder.js';
import {HttpSlots} from './http_slots.js';
import {Session} from './session.js';
import type {SessionCommand, SessionEvent} from './session_messages.js';
import {Surface} from './surface.js';
import type {Transport, TransportPreference} from './transports.js';
import {WasmDecoder} from './wasm_decoder.js';
import type {WorkerReply, WorkerRequest} from './worker_messages.js';

export interface Host {
  readonly kind: 'worker'|'page';
  post(command: SessionCommand): void;
  dispose(): void;
}

export interface HostOptions {
  readonly url: string;
  readonly canvas: HTMLCanvasElement;
  readonly workerUrl: string;
  readonly decoder: DecoderSource;
  /** False: never in a worker. */
  readonly worker: boolean;
  readonly transport: Transport;
  readonly emit: (event: SessionEvent) => void;
}

/** Rejects with the reason if neither works. */
export async function startHost(options: HostOptions): Promise<Host> {
  if (options.transport === 'auto' && isHttpBetter(options.url)) {
    slots ??= new HttpSlots();
  }
  const worker = options.worker && canDrawInWorker() ? await readyWorker(options) : undefined;
  return worker !== undefined ? new WorkerHost(worker, options) : startInPage(options);
}

function canDrawInWorker(): boolean {
  return typeof Worker === 'function' && typeof OffscreenCanvas === 'function' &&
      'transferControlToOffscreen' in HTMLCanvasElement.prototype &&
      new OffscreenCanvas(1, 1).getContext('2d') !== null;
}

// Undefined if the worker cannot be started: it is of another origin, or the page's policy forbids it.
async function readyWorker({workerUrl, decoder}: HostOptions): Promise<Worker|undefined> {
  let worker: Worker;
  try {
    worker = new Worker(workerUrl);
  } catch {
    return undefined;
  }
  const isReady = await new Promise<boolean>((resolve) => {
    worker.onmessage = ({data}: MessageEvent<WorkerReply>) => resolve(data.type === 'ready');
    worker.onerror = () => resolve(false);
    worker.postMessage({type: 'load', source: decoder} satisfies WorkerRequest);
  });
  if (!isReady) {
    worker.terminate();
  }
  return isReady ? worker : undefined;
}

// Where HTTP is better.
let slots: HttpSlots|undefined;

// In Firefox a WebSocket in a worker waits for the page's thread, however long that is busy; a response does
// not. Of another origin there might be a dialog that asks whether the page may connect.
function isHttpBetter(url: string): boolean {
  return /\bFirefox\//.test(navigator.userAgent) && new URL(url).host === location.host;
}

class WorkerHost implements Host {
  readonly kind = 'worker';
  readonly #worker: Worker;

  constructor(worker: Worker, {url, canvas, transport, emit}: HostOptions) {
    this.#worker = worker;
    const prefersHttp = transport === 'auto' && isHttpBetter(url) && slots?.take(this) === true;
    const preference: TransportPreference = prefersHttp ? 'http first' : transport;
    worker.onmessage = ({data}: MessageEvent<WorkerReply>) => {
      if (data.type === 'event') {
        emit(data.event);
      }
    };
    // What fails after `ready`: there may be no memory for another decoder.
    worker.onerror = ({message}) => emit({type: 'state', state: 'unsupported', reason: message});
    // So that the first picture changes the size, also of a canvas that has the stream's: browsers show
    // that even where nothing else makes the page render. By little, so that the page stays as it is.
    canvas.width += 1;
    const offscreen = canvas.transferControlToOffscreen();
    const start: WorkerRequest = {type: 'start', url, preference, canvas: offscreen};
    worker.postMessage(start, [offscreen]);
  }

  post(command: SessionCommand): void {
    this.#worker.postMessage({type: 'command', command} satisfies WorkerRequest);
  }

  dispose(): void {
    slots?.release(this);
    this.#worker.terminate();
  }
}

async function startInPage({url, canvas, decoder, transport, emit}: HostOptions): Promise<Host> {
  const module = await compileDecoder(decoder);
  const session = new Session(url, new WasmDecoder(module), new Surface(canvas), emit, transport);
  return {
    kind: 'page',
    post: (command) => session.handle(command),
    dispose: () => session.handle({type: 'stop'}),
  };
}
