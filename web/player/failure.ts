// Why a player cannot begin, in words.

import {DecoderRefused} from './decoder.js';
import type {StateDetail} from './session_messages.js';

export function failureOf(error: unknown): StateDetail {
  if (error instanceof DecoderRefused) {
    const reason = `The server did not deliver the decoder (${error.status})`;
    return {state: 'unsupported', cause: 'server', reason};
  }
  return {state: 'unsupported', reason: reasonOf(error)};
}

function reasonOf(error: unknown): string {
  return typeof WebAssembly === 'undefined' ?
      'WebAssembly is switched off or missing. Lockdown Mode of iPhones, iPads and Macs switches it off, and ' +
          'can be switched off for this address.' :
      `It needs WebAssembly and a 2D canvas: Firefox, Chrome, Edge and Safari from 2023 on. (${String(error)})`;
}
