// Turns messages into pictures on a canvas. Runs in a worker or in a page.

import {Backlog} from './backlog.js';
import {CatchUp} from './catch_up.js';
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
import {StatisticsCollector} from './statistics.js';
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
  /** Pictures are drawn from now on, on a canvas that was cleared. */
  onFirstDrawn(): void;
  /**
   * What is on the canvas is what the newest picture shows, which arrived at `atMs`: new, or a repeat. `ageMs`: how
   * old it was then; 0 while the server's clock is not known.
   */
  onLive(atMs: number, ageMs: number): void;
  /** Only while there is a `probe`. */
  onShown(picture: ShownPicture): void;
}

// While a server still sends, its pictures are this far apart at most; see `release`.
const STILL_SENDING_MS = 500;

// On a new connection, before its first pong: a picture that seems so old is one of a server that was started again.
const OTHER_CLOCK_MS = 60_000;

/**
 * Shows pictures at arrival, newest wins: takes whatever has arrived, skips to the newest I picture,
 * decodes all from there, draws the last; a few that the network has held back, one a display frame.
 */
export class Screen {
  readonly clock = new ClockOffset();
  readonly statistics = new StatisticsCollector();
  /** The part of each picture to report when it has been drawn; undefined: none is reported. */
  probe: Rectangle | 'none' | undefined;

  readonly #decoder: Decoder;
  readonly #surface: Surface;
  readonly #listener: ScreenListener;
  readonly #backlog = new Backlog();
  readonly #splitter = new PictureSplitter();
  readonly #catchUp = new CatchUp();
  #timer: ReturnType<typeof setTimeout>|undefined;
  // In a separate task, so that messages that have arrived by then are processed first.
  readonly #wakeUp = new MessageChannel();
  #drainPosted = false;
  #held = false;
  #isEmpty = true;
  #hasShown = false;
  #lastArrivalMs = -Infinity;
  #undecodableSinceMs: number | undefined;
  #workMs = 0;
  #lastShown: PictureStamp | undefined;

  constructor(decoder: Decoder, surface: Surface, listener: ScreenListener) {
    this.#decoder = decoder;
    this.#surface = surface;
    this.#listener = listener;
    this.#wakeUp.port1.onmessage = () => this.#drain();
  }

  /** Since when pictures have arrived of which none could be decoded; undefined if the last could. */
  get undecodableSinceMs(): number | undefined {
    return this.#undecodableSinceMs;
  }

  /** How long this thread has been busy with pictures, altogether. */
  get workMs(): number {
    return this.#workMs;
  }

  /** A new connection starts. */
  begin(): void {
    this.#splitter.reset();
    this.#backlog.awaitKeyframe();
    this.statistics.dropped(this.#catchUp.clear());
    this.clock.reset();
    this.#undecodableSinceMs = undefined;
    this.statistics.connected(now());
  }

  /** Nobody can see it: decodes nothing until `release`. */
  hold(): void {
    this.#held = true;
  }

  /**
   * Shows pictures again. `joins`: the server has paused, and now sends the pictures since the last
   * I picture as if to a new viewer; else they have kept coming, and the newest is shown at once.
   */
  release(joins: boolean): void {
    this.#held = false;
    // A server that does not know how to pause has sent all of them.
    if (joins && now() - this.#lastArrivalMs > STILL_SENDING_MS) {
      this.#backlog.awaitKeyframe();
      this.statistics.dropped(this.#backlog.takeDropped() + this.#catchUp.clear());
    }
    this.statistics.resumed(now());
    this.#postDrain();
  }

  /** Takes a binary message of the stream, of `pistream.v1` or plain; returns its pictures. */
  take(message: Uint8Array, v1: boolean): readonly CodedPicture[] {
    const size = parseJsmpHeader(message);
    if (size !== undefined) {
      // The canvas keeps what it shows until there is a picture of the new size.
      if (!this.#hasShown) {
        this.#resize(size);
      }
      return [];
    }
    const picture = v1 ? parsePictureMessage(message) : undefined;
    const pictures = picture !== undefined ? [picture] : v1 ? [] : this.#splitter.split(message);
    const atMs = now();
    for (const each of pictures) {
      this.#lastArrivalMs = atMs;
      this.statistics.received(atMs, each.bytes.length);
      this.#catchUp.arrived(atMs);
      this.#backlog.push(each);
    }
    this.#postDrain();
    return pictures;
  }

  /** Closes the channel, which would keep this object alive. */
  dispose(): void {
    this.#wakeUp.port1.close();
    clearTimeout(this.#timer);
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
    const beganMs = now();
    const decodeMs = this.statistics.typicalDecodeMs();
    const arrived = this.#backlog.take(decodeMs);
    let dropped = this.#backlog.takeDropped();
    // None before an I picture is needed any more.
    dropped += arrived[0]?.intra === true || dropped > 0 ? this.#catchUp.clear() : 0;
    const {now: pictures, againInMs} = this.#catchUp.take(arrived, decodeMs, beganMs);
    if (againInMs !== undefined) {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#postDrain(), againInMs);
    }
    this.statistics.dropped(dropped);
    const good = pictures.filter((picture) => this.#decode(picture));
    if (good.length > 0) {
      this.#undecodableSinceMs = undefined;
    } else if (pictures.length + dropped > 0) {
      this.#undecodableSinceMs ??= now();
    }
    const last = good.at(-1);
    // The repeats after it left the picture as it was.
    const newest = good.filter(({stamp}) => stamp?.repeat !== true).at(-1);
    const isLive = last !== undefined && !this.#wasShownBefore(last);
    if (newest !== undefined && !this.#wasShownBefore(newest)) {
      this.#show(newest);
    }
    if (isLive) {
      this.#listener.onLive(this.#lastArrivalMs, this.#ageMs(last, this.#lastArrivalMs));
    }
    this.#workMs += now() - beganMs;
  }

  // A viewer that joins gets the current GOP first, most of which may have been shown before an
  // interruption, and one that gets another size may get a frame in both: the picture on screen stays
  // until there is a newer one. A restarted server counts from 0, but its clock continues; on a
  // restarted machine, the clock restarts as well.
  #wasShownBefore({stamp}: CodedPicture): boolean {
    const before = this.#lastShown;
    return before !== undefined && stamp !== undefined && stamp.sentMs >= before.sentMs &&
        stamp.sequence <= before.sequence && stamp.capturedMs <= before.capturedMs;
  }

  // A repeat has the capture time of what it repeats, however long ago that was: it is as old as its way took.
  #ageMs({stamp}: CodedPicture, arrivedMs: number): number {
    const offsetMs = this.clock.steadyOffsetMs;
    if (stamp === undefined || offsetMs === undefined) {
      return 0;
    }
    const ageMs = arrivedMs + offsetMs - (stamp.repeat ? stamp.sentMs : stamp.capturedMs);
    const mayBeOtherClock = this.clock.offsetMs === undefined && ageMs > OTHER_CLOCK_MS;
    return mayBeOtherClock ? 0 : Math.max(0, ageMs);
  }

  #decode(picture: CodedPicture): boolean {
    const beganMs = now();
    const good = this.#decoder.decode(picture.bytes);
    const endedMs = now();
    if (good && picture.stamp?.repeat === true) {
      this.statistics.repeated();
    } else if (good) {
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
    // Converted before, so that the canvas is not blank for longer than this takes to draw.
    const image = this.#decoder.image();
    this.#hasShown = true;
    this.#resize(size);
    this.#surface.draw(image);
    this.#lastShown = picture.stamp;
    const drawnMs = now();
    this.#catchUp.drawn(drawnMs);
    const offsetMs = this.clock.offsetMs;
    const delayMs = offsetMs !== undefined && picture.stamp !== undefined ?
        drawnMs + offsetMs - picture.stamp.capturedMs :
        undefined;
    this.statistics.shown(drawnMs, delayMs);
    if (this.#isEmpty) {
      this.#isEmpty = false;
      this.#listener.onFirstDrawn();
    }
    if (this.probe !== undefined) {
      const pixels = this.probe === 'none' ? undefined : this.#surface.read(this.probe);
      this.#listener.onShown({drawnMs, delayMs, stamp: picture.stamp, pixels});
    }
  }

  #resize(size: Size): void {
    if (size.width > 0 && size.height > 0 && this.#surface.resize(size)) {
      this.#isEmpty = true;
      this.#listener.onResize(size);
    }
  }
}
