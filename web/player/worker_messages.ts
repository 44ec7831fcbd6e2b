// Messages between a page and its worker.

import type {DecoderSource} from './decoder.js';
import type {SessionCommand, SessionEvent} from './session_messages.js';
import type {TransportPreference} from './transports.js';

export type WorkerRequest =
    {readonly type: 'load'; readonly source: DecoderSource}|
    {
      readonly type: 'start';
      readonly url: string;
      readonly preference: TransportPreference;
      readonly canvas: OffscreenCanvas;
    }|
    {readonly type: 'command'; readonly command: SessionCommand};

export type WorkerReply =
    /** The decoder is compiled: the canvas can be transferred. */
    {readonly type: 'ready'}|
    {readonly type: 'failed'; readonly reason: string}|
    {readonly type: 'event'; readonly event: SessionEvent};
