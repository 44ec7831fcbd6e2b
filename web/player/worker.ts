// The worker's side: a session with a canvas that the page has transferred.

import {compileDecoder} from './decoder.js';
import {Session} from './session.js';
import {Surface} from './surface.js';
import {WasmDecoder} from './wasm_decoder.js';
import type {WorkerReply, WorkerRequest} from './worker_messages.js';

// This file runs in a worker, while the rest is checked with a page's types.
const worker = globalThis as unknown as {
  onmessage: ((event: MessageEvent<WorkerRequest>) => void)|null;
  postMessage(message: WorkerReply): void;
};

let session: Session|undefined;

worker.onmessage = (event) => {
  const request = event.data;
  switch (request.type) {
    case 'load':
      void load(request.source);
      break;
    case 'start':
      start(request);
      break;
    case 'command':
      session?.handle(request.command);
      break;
  }
};

let module: WebAssembly.Module|undefined;

// Before the canvas is transferred: after that the page can no longer draw on it by itself.
async function load(source: Extract<WorkerRequest, {type: 'load'}>['source']): Promise<void> {
  try {
    module = await compileDecoder(source);
    worker.postMessage({type: 'ready'});
  } catch (error) {
    worker.postMessage({type: 'failed', reason: String(error)});
  }
}

function start({url, preference, canvas}: Extract<WorkerRequest, {type: 'start'}>): void {
  if (module !== undefined) {
    session = new Session(
        url, new WasmDecoder(module), new Surface(canvas),
        (event) => worker.postMessage({type: 'event', event}), preference);
  }
}
