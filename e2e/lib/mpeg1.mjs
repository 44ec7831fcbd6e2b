// Start codes of MPEG-1 video (ISO/IEC 11172-2, 2.4.2), to check the stream.

export const PICTURE = 0x00;
export const SEQUENCE_HEADER = 0xb3;
export const GROUP = 0xb8;

export const isSlice = (code) => code >= 0x01 && code <= 0xaf;

/** All start codes: [{offset, code}]. */
export function startCodes(bytes) {
  const found = [];
  for (let at = 0; at + 3 < bytes.length; ++at) {
    if (bytes[at] === 0 && bytes[at + 1] === 0 && bytes[at + 2] === 1) {
      found.push({offset: at, code: bytes[at + 3]});
      at += 3;
    }
  }
  return found;
}

/** The content of a message, in short: ["sequence", "group", "I", "slice", ...]. */
export function describe(bytes) {
  return startCodes(bytes).map(({offset, code}) => {
    if (code === PICTURE) {
      return ['forbidden', 'I', 'P', 'B', 'D'][(bytes[offset + 5] >> 3) & 7] ?? 'reserved';
    }
    if (isSlice(code)) {
      return 'slice';
    }
    return {[SEQUENCE_HEADER]: 'sequence', [GROUP]: 'group'}[code] ?? `0x${code.toString(16)}`;
  });
}

/** Whether this is a P picture that repeats the one before, as the server writes it (src/encode/mpeg1). */
export function isRepeat(picture, {width, height}) {
  const bytes = repeatOf(Math.ceil(width / 16) * Math.ceil(height / 16));
  // The ten bits after the start code are its temporal_reference.
  return picture.length === bytes.length && (picture[5] & 0x3f) === (bytes[5] & 0x3f) &&
      picture.subarray(6).equals(bytes.subarray(6)) && picture.subarray(0, 4).equals(bytes.subarray(0, 4));
}

function repeatOf(macroblocks) {
  const unchanged = '1' + '001' + '11'; // the next macroblock; with motion, not coded; no motion
  const escapes = Math.max(0, Math.ceil((macroblocks - 1 - 33) / 33));
  const slice = '00001' + '0' + unchanged + '00000001000'.repeat(escapes) + unchanged.repeat(macroblocks - 1 - 33 * escapes);
  const header = '0000000000' + '010' + '1'.repeat(16) + '0' + '001' + '0';
  return Buffer.concat([Buffer.from([0, 0, 1, 0]), bytesOf(header), Buffer.from([0, 0, 1, 1]), bytesOf(slice)]);
}

const bytesOf = (bits) => Buffer.from(bits.match(/.{1,8}/g).map((byte) => parseInt(byte.padEnd(8, '0'), 2)));
