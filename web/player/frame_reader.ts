// WebSocket frames as a server writes them (RFC 6455, 5.2), from the body of a response. Pure.

export const OPCODE_TEXT = 1;
export const OPCODE_BINARY = 2;
export const OPCODE_CLOSE = 8;

const FINAL = 0x80;
const OPCODE = 0x0f;
const MASKED = 0x80;
const LENGTH_16 = 126;
const LENGTH_64 = 127;
const SHORTEST_BYTES = 2;
// Of a message; a picture has far fewer.
const MOST_BYTES = 64 << 20;

export interface Frame {
  readonly opcode: number;
  readonly payload: Uint8Array;
}

/** Takes bytes however they are cut into pieces. A frame that is whole in one piece is not copied. */
export class FrameReader {
  #pieces: Uint8Array[] = [];
  #size = 0;
  // Before that there is no frame.
  #needed = SHORTEST_BYTES;

  /** The frames that end in `piece`. Throws at what is no such frame; nothing can follow then. */
  add(piece: Uint8Array): Frame[] {
    this.#pieces.push(piece);
    this.#size += piece.length;
    if (this.#size < this.#needed) {
      return [];
    }
    let bytes = this.#joined();
    const frames: Frame[] = [];
    for (;;) {
      const {headBytes, end} = extentOf(bytes);
      this.#needed = end;
      if (bytes.length < end) {
        break;
      }
      frames.push({opcode: bytes[0]! & OPCODE, payload: bytes.subarray(headBytes, end)});
      bytes = bytes.subarray(end);
    }
    this.#pieces = bytes.length > 0 ? [bytes] : [];
    this.#size = bytes.length;
    return frames;
  }

  #joined(): Uint8Array {
    if (this.#pieces.length === 1) {
      return this.#pieces[0]!;
    }
    const joined = new Uint8Array(this.#size);
    let at = 0;
    for (const piece of this.#pieces) {
      joined.set(piece, at);
      at += piece.length;
    }
    return joined;
  }
}

// Where the payload of the first frame begins, and where it ends; of less than a header, how many bytes tell
// more.
function extentOf(bytes: Uint8Array): {headBytes: number; end: number} {
  if (bytes.length < SHORTEST_BYTES) {
    return {headBytes: SHORTEST_BYTES, end: SHORTEST_BYTES};
  }
  const first = bytes[0]!;
  const length = bytes[1]!;
  if ((first & ~OPCODE) !== FINAL || (first & OPCODE) === 0 || (length & MASKED) !== 0) {
    throw new Error('the server sent an incomplete or invalid frame');
  }
  const headBytes = SHORTEST_BYTES + (length === LENGTH_16 ? 2 : length === LENGTH_64 ? 8 : 0);
  if (bytes.length < headBytes) {
    return {headBytes, end: headBytes};
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size = length === LENGTH_16 ? view.getUint16(2) :
      length === LENGTH_64          ? Number(view.getBigUint64(2)) :
                                      length;
  if (size > MOST_BYTES) {
    throw new Error('this frame is too large');
  }
  return {headBytes, end: headBytes + size};
}
