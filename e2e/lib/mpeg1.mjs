// Start codes of MPEG-1 video (ISO/IEC 11172-2, 2.4.2), as a check of what is sent.

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

/** What a message holds, in short: ["sequence", "group", "I", "slice", ...]. */
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
