// From messages to pictures on a canvas. Runs in a worker or in a page.

import {Backlog} from './backlog.js';
import {ClockOffset, now} from './clock.js';
import type {Decoder} from './decoder.js';
import {PictureSplitter} from './picture_splitter.js';
import {
  type CodedPicture,
  parseJsmpHeader,
  parsePictureMessage,
  type PictureStamp,
  type Size,
} from './protocol.js';
import {StatisticsKeeper} from './statistics.js';
import type {Rectangle, Surface} from './surface.js';

/** One picture that was drawn. */
export interface ShownPicture {
  /** When it was on the canvas: milliseconds since the epoch, of this machine's clock. */
  readonly drawnMs: number;
  /** From capture to `drawnMs`, once the server's clock is known. */
  readonly delayMs?: number;
  /** Only with `pistream.v1`. */
  readonly stamp?: PictureStamp;
  /** The part of the canvas that was asked for. */
  readonly pixels?: ImageData;
}

export interface ScreenListener {
  onResize(size: Size): void;
  onShown(picture: ShownPicture): void;
}

/**
 * Shows pictures at arrival, newest wins: takes whatever has arrived, skips to the newest I picture,
 * decodes all from there, draws the last.
 */
export class Screen {
  readonly clock = new ClockOffset();
  readonly statistics = new StatisticsKeeper();
  /** The part of each picture to hand out when it was drawn; undefined: no news of pictures. */
  probe: Rectangle | 'none' | undefined;

  readonly #decoder: Decoder;
  readonly #surface: Surface;
  readonly #listener: ScreenListener;
  readonly #backlog = new Backlog();
  readonly #splitter = new PictureSplitter();
  // A task of its own, so that messages that have arrived by then are seen before it.
  readonly #wakeUp = new MessageChannel();
  #drainPosted = false;
  #held = false;
  #blindSinceMs: number | undefined;
  #lastShown: PictureStamp | undefined;
  // What was on screen when the connection was lost.
  #shownBefore: PictureStamp | undefined;

  constructor(decoder: Decoder, surface: Surface, listener: ScreenListener) {
    this.#decoder = decoder;
    this.#surface = surface;
    this.#listener = listener;
    this.#wakeUp.port1.onmessage = () => this.#drain();
  }

  /** Since when pictures have come of which none could be shown; undefined while all is well. */
  get blindSinceMs(): number | undefined {
    return this.#blindSinceMs;
  }

  /** A new stream begins. */
  begin(): void {
    this.#splitter.reset();
    this.#backlog.awaitKeyframe();
    this.clock.reset();
    this.#blindSinceMs = undefined;
    this.#shownBefore = this.#lastShown;
    this.statistics.connected(now());
  }

  /** Nobody looks: decodes nothing until released, then catches up at once. */
  hold(held: boolean): void {
    this.#held = held;
    this.#postDrain();
  }

  /** A binary message of the stream, of `pistream.v1` or plain. True: it was picture data. */
  take(message: Uint8Array, v1: boolean): boolean {
    const size = parseJsmpHeader(message);
    if (size !== undefined) {
      this.#resize(size);
      return false;
    }
    const picture = v1 ? parsePictureMessage(message) : undefined;
    const pictures = picture !== undefined ? [picture] : v1 ? [] : this.#splitter.split(message);
    const atMs = now();
    for (const each of pictures) {
      this.statistics.received(atMs, each.bytes.length);
      this.#backlog.push(each);
    }
    this.#postDrain();
    return pictures.length > 0;
  }

  /** Frees what is freed by nobody else. */
  dispose(): void {
    this.#wakeUp.port1.close();
  }

  #postDrain(): void {
    if (!this.#drainPosted && !this.#held) {
      this.#drainPosted = true;
      this.#wakeUp.port2.postMessage(undefined);
    }
  }

  #drain(): void {
    this.#drainPosted = false;
    if (this.#held) {
      return;
    }
    const pictures = this.#backlog.take(this.statistics.typicalDecodeMs());
    this.statistics.dropped(this.#backlog.takeDropped());
    let newest: CodedPicture | undefined;
    for (const picture of pictures) {
      if (this.#decode(picture)) {
        newest = picture;
      }
    }
    if (newest !== undefined) {
      this.#blindSinceMs = undefined;
      if (!this.#wasShownBefore(newest)) {
        this.#shownBefore = undefined;
        this.#show(newest);
      }
    } else {
      this.#blindSinceMs ??= now();
    }
  }

  // A new connection begins with the group under way, of which the old one may have shown most: the
  // picture stays until there is a newer one. A server that was started again counts anew, but its
  // clock goes on; on a machine that was started again, the clock began anew.
  #wasShownBefore({stamp}: CodedPicture): boolean {
    const before = this.#shownBefore;
    return before !== undefined && stamp !== undefined && stamp.sentMs >= before.sentMs &&
        stamp.sequence <= before.sequence && stamp.capturedMs <= before.capturedMs;
  }

  #decode(picture: CodedPicture): boolean {
    const beganMs = now();
    const good = this.#decoder.decode(picture.bytes);
    const endedMs = now();
    if (good) {
      this.statistics.decoded(endedMs, endedMs - beganMs);
    } else {
      this.statistics.damaged();
    }
    return good;
  }

  #show(picture: CodedPicture): void {
    const size = this.#decoder.size;
    if (size === undefined) {
      return;
    }
    this.#resize(size);
    this.#surface.draw(this.#decoder.image());
    this.#lastShown = picture.stamp;
    const drawnMs = now();
    const offsetMs = this.clock.offsetMs;
    const delayMs = offsetMs !== undefined && picture.stamp !== undefined ?
        drawnMs + offsetMs - picture.stamp.capturedMs :
        undefined;
    this.statistics.shown(drawnMs, delayMs);
    if (this.probe !== undefined) {
      const pixels = this.probe === 'none' ? undefined : this.#surface.read(this.probe);
      this.#listener.onShown({drawnMs, delayMs, stamp: picture.stamp, pixels});
    }
  }

  #resize(size: Size): void {
    if (size.width > 0 && size.height > 0 && this.#surface.resize(size)) {
      this.#listener.onResize(size);
    }
  }
}
