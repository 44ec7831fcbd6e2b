// The exports of player.js.

export type {DecoderSource} from './decoder.js';
export {PistreamVideo} from './element.js';
export {PistreamPlayer, type PlayerEvents, type PlayerOptions} from './player.js';
export type {Line, PictureStamp, Quality, Size} from './protocol.js';
export type {ShownPicture} from './screen.js';
export type {PlayerState} from './session_messages.js';
export type {Percentiles, Statistics, Totals} from './statistics.js';
export type {Rectangle} from './surface.js';
export type {Transport} from './transports.js';
