// Finds the pictures in messages of MPEG-1 video elementary stream (ISO/IEC 11172-2, 2.4.2).

import type {CodedPicture} from './protocol.js';

const PICTURE = 0x00;
const FIRST_SLICE = 0x01;
const LAST_SLICE = 0xaf;
const SEQUENCE_HEADER = 0xb3;
const SEQUENCE_END = 0xb7;
const GROUP = 0xb8;
const TYPE_INTRA = 1;
const TYPE_PREDICTED = 2;

/**
 * Takes messages that end where a picture ends, or in the headers of the next picture (the classic
 * path may put them there for the sake of the original player): those are kept for the next one.
 * B pictures are left out: nothing is predicted from them.
 */
export class PictureSplitter {
  #kept: Uint8Array = new Uint8Array(0);

  /** Drops what was kept, for a new connection. */
  reset(): void {
    this.#kept = new Uint8Array(0);
  }

  split(message: Uint8Array): CodedPicture[] {
    const bytes = this.#kept.length === 0 ? message : joined(this.#kept, message);
    const units = findUnits(bytes);
    const last = units.at(-1);
    this.#kept = new Uint8Array(0);
    if (last !== undefined && !last.hasSlices) {
      this.#kept = bytes.slice(last.begin, last.end);
      units.pop();
    }
    return units.filter((unit) => unit.type === TYPE_INTRA || unit.type === TYPE_PREDICTED)
        .map((unit) => ({
               bytes: bytes.subarray(unit.begin, unit.end),
               intra: unit.type === TYPE_INTRA,
             }));
  }
}

// A picture with the headers before it.
interface Unit {
  begin: number;
  end: number;
  type: number;  // picture_coding_type; 0 before its picture header
  hasSlices: boolean;
}

function findUnits(bytes: Uint8Array): Unit[] {
  const units: Unit[] = [];
  let unit: Unit | undefined;
  for (let at = nextStartCode(bytes, 0); at >= 0; at = nextStartCode(bytes, at + 3)) {
    const code = bytes[at + 3] ?? SEQUENCE_END;
    const begins = code === PICTURE || code === SEQUENCE_HEADER || code === GROUP;
    const ends = code === SEQUENCE_END || (begins && (unit === undefined || unit.type !== 0));
    if (ends) {
      if (unit !== undefined) {
        unit.end = at;
      }
      unit = begins ? {begin: at, end: bytes.length, type: 0, hasSlices: false} : undefined;
      if (unit !== undefined) {
        units.push(unit);
      }
    }
    if (unit !== undefined && code === PICTURE) {
      // temporal_reference has 10 bits, picture_coding_type the 3 after them.
      unit.type = ((bytes[at + 5] ?? 0) >> 3) & 7;
    }
    if (unit !== undefined && code >= FIRST_SLICE && code <= LAST_SLICE) {
      unit.hasSlices = true;
    }
  }
  return units;
}

// The offset of the next 00 00 01 that has a code byte after it; -1 if there is none.
function nextStartCode(bytes: Uint8Array, from: number): number {
  for (let one = bytes.indexOf(1, from + 2); one >= 0; one = bytes.indexOf(1, one + 1)) {
    if (bytes[one - 1] === 0 && bytes[one - 2] === 0 && one + 1 < bytes.length) {
      return one - 2;
    }
  }
  return -1;
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const all = new Uint8Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}
