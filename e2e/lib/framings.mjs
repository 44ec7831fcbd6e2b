// Framings of a stream of pictures for the original player, as compared in
// docs/decisions/0004-classic-framing.md. Each is a function from pictures, the first one an I picture, to
// the messages that are sent for each of them.

import {PICTURE, startCodes} from './mpeg1.mjs';

const END = Buffer.from([0, 0, 1, 0xb7]);
const START = Buffer.from([0, 0, 1, PICTURE]);
const ZEROS = Buffer.alloc(48);
// temporal_reference 0, type B, vbv_delay 0xFFFF; no slices.
const EMPTY_B = Buffer.concat([START, Buffer.from([0x00, 0x1f, 0xff, 0xf8])]);
const LONE_SLICE = Buffer.from([0, 0, 1, 0x01, 0x00]);
// temporal_reference and type, which the player reads to find its first I picture.
const HEADER_BYTES = 2;

// The offset of the picture header's content, after preceding headers and the start code.
const afterStart = (picture) => startCodes(picture).find(({code}) => code === PICTURE).offset + START.length;

// Each message ends with the next picture's start code, created by `tail(next)`. The player finds one start
// code in a message, so the first message, which would have two, is split.
function linked(pictures, tail) {
  const messages = pictures.map(
      (picture, index) => [Buffer.concat([picture.subarray(afterStart(picture)), tail(pictures[index + 1])])]);
  const head = afterStart(pictures[0]);
  const first = Buffer.concat([pictures[0].subarray(0, head), messages[0][0]]);
  messages[0] = [first.subarray(0, head + HEADER_BYTES), first.subarray(head + HEADER_BYTES)];
  return messages;
}

const withTrailer = (pictures, ...trailer) => pictures.map((picture) => [picture, Buffer.concat(trailer)]);

export const framings = {
  /** One picture in each message, as on /stream. */
  plain: (pictures) => pictures.map((picture) => [picture]),

  /** (a) Followed by the next picture's headers up to its start code. Concatenated, the bytes are unchanged. */
  nextStart: (pictures) => linked(pictures, (next = START) => next.subarray(0, afterStart(next))),

  /** The same, with zeros in between and sequence headers only before the first. */
  paddedStart: (pictures) => linked(pictures, () => Buffer.concat([END, ZEROS, START])),

  /** (b) After each picture a message with a sequence end and the header of an empty B picture. */
  emptyB: (pictures) => withTrailer(pictures, END, ZEROS, EMPTY_B, ZEROS),

  /** The same, with a sequence end after the B picture and a slice for format probes: as pistream sends it. */
  endedB: (pictures) => withTrailer(pictures, END, ZEROS, EMPTY_B, END, LONE_SLICE, ZEROS),
};
