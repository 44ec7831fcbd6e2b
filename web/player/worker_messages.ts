// What a page and its worker say to each other.

import type {DecoderSource} from './decoder.js';
import type {SessionCommand, SessionEvent} from './session.js';

export type WorkerRequest =
    {readonly type: 'load'; readonly source: DecoderSource}|
    {readonly type: 'start'; readonly url: string; readonly canvas: OffscreenCanvas}|
    {readonly type: 'command'; readonly command: SessionCommand};

export type WorkerReply =
    /** The decoder is there: the worker can be given the canvas. */
    {readonly type: 'ready'}|
    {readonly type: 'failed'; readonly reason: string}|
    {readonly type: 'event'; readonly event: SessionEvent};
