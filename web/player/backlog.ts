// Which of the pictures that have arrived are worth decoding. See docs/protocol.md, "The stream".

import type {CodedPicture} from './protocol.js';

// A GOP of some seconds fits. A page with a longer backlog is too late to catch up picture by picture.
const MAXIMUM_BYTES = 8 << 20;
const MAXIMUM_PICTURES = 512;
// A page that would need longer than this to catch up waits for the next I picture instead. From an
// I picture on it may take longer: then there is nothing on screen yet, or something old.
const CATCH_UP_LIMIT_MS = 250;
const CATCH_UP_LIMIT_FROM_INTRA_MS = 1000;

/**
 * The pictures from the newest I picture on. Pictures before an I picture are not needed to decode it,
 * so this is enough to show the live picture, also after a time in which nothing was decoded.
 */
export class Backlog {
  #pictures: CodedPicture[] = [];
  #bytes = 0;
  #awaitingKeyframe = true;  // nothing can be decoded before
  #dropped = 0;

  push(picture: CodedPicture): void {
    if (picture.intra) {
      this.#dropAll();
      this.#awaitingKeyframe = false;
    }
    if (this.#awaitingKeyframe) {
      this.#dropped += 1;
      return;
    }
    this.#pictures.push(picture);
    this.#bytes += picture.bytes.length;
    if (this.#bytes > MAXIMUM_BYTES || this.#pictures.length > MAXIMUM_PICTURES) {
      this.awaitKeyframe();
    }
  }

  /** Removes and returns the pictures to decode now, in order. `decodeMs`: typical time for one. */
  take(decodeMs: number): CodedPicture[] {
    const limitMs =
        this.#pictures[0]?.intra === true ? CATCH_UP_LIMIT_FROM_INTRA_MS : CATCH_UP_LIMIT_MS;
    if (this.#pictures.length > 1 && this.#pictures.length * decodeMs > limitMs) {
      this.awaitKeyframe();
    }
    const pictures = this.#pictures;
    this.#pictures = [];
    this.#bytes = 0;
    return pictures;
  }

  /** Drops everything up to the next I picture. */
  awaitKeyframe(): void {
    this.#dropAll();
    this.#awaitingKeyframe = true;
  }

  /** How many pictures were dropped since the last call. */
  takeDropped(): number {
    const dropped = this.#dropped;
    this.#dropped = 0;
    return dropped;
  }

  #dropAll(): void {
    this.#dropped += this.#pictures.length;
    this.#pictures = [];
    this.#bytes = 0;
  }
}
