// What goes to a session and what comes from it.

import type {Quality, Size} from './protocol.js';
import type {ShownPicture} from './screen.js';
import type {Statistics} from './statistics.js';
import type {Rectangle} from './surface.js';

/**
 * connecting: not yet connected; playing; stalled: connected, but no picture comes;
 * reconnecting: the connection was lost, or could not be made; paused: by the user;
 * stopped: for good; unsupported: this browser cannot show it, or forbids the connection;
 * unauthorized: the server refuses who has no session or token. The last two do not try again by themselves.
 */
export type PlayerState =
    'connecting'|'playing'|'stalled'|'reconnecting'|'paused'|'stopped'|'unsupported'|'unauthorized';

export interface StateDetail {
  readonly state: PlayerState;
  /** With `reconnecting`: when the next attempt follows. */
  readonly retryInMs?: number;
  /** With `reconnecting`: whether there has been a connection since the player began to play. */
  readonly connectedBefore?: boolean;
  /** What is missing or forbidden, or why it cannot connect, if that is known. */
  readonly reason?: string;
  /** With `reason`: the server's page, in which the user can accept its certificate. */
  readonly link?: string;
  /** With `unsupported`: whether it is not the browser but the server that is to blame; absent: the browser. */
  readonly cause?: 'server';
}

/** What a session reports; plain data, so that it can cross from a worker. */
export type SessionEvent =
    {readonly type: 'state'}&StateDetail|
    {readonly type: 'firstDrawn'}|
    /** So old is the picture, told each second; 0: it is live, or none is wanted. `late`: it is a new one. */
    {readonly type: 'frozen'; readonly seconds: number; readonly late: boolean}|
    {readonly type: 'statistics'; readonly statistics: Statistics}|
    {readonly type: 'resize'; readonly size: Size}|
    {readonly type: 'picture'; readonly picture: ShownPicture};

/** Commands to a session. */
export type SessionCommand =
    {readonly type: 'play'}|
    {readonly type: 'pause'}|
    {readonly type: 'stop'}|
    /** Whether anybody can see the canvas. */
    {readonly type: 'visible'; readonly visible: boolean}|
    /** The network, or the machine, may be back. */
    {readonly type: 'reconnectNow'}|
    {readonly type: 'quality'; readonly quality: Quality}|
    /** How long a frame of the camera takes, as the server says. */
    {readonly type: 'frameTime'; readonly ms: number}|
    /** `probe`: see Screen. */
    {readonly type: 'probe'; readonly probe: Rectangle | 'none' | undefined};
