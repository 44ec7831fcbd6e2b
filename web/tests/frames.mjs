// WebSocket frames as a server writes them.

/** `payload`: bytes or text. */
export function frameOf(opcode, payload) {
  const bytes = typeof payload === 'string' ? new TextEncoder().encode(payload) : Uint8Array.from(payload);
  const size = bytes.length;
  const length = size < 126 ? [size] :
      size < 65_536         ? [126, size >> 8, size & 0xff] :
                              [127, 0, 0, 0, 0, size >>> 24, size >> 16 & 0xff, size >> 8 & 0xff, size & 0xff];
  return Uint8Array.from([0x80 | opcode, ...length, ...bytes]);
}

export const binary = (...payload) => frameOf(2, payload);
export const text = (payload) => frameOf(1, payload);
export const closing = (code) => frameOf(8, [code >> 8, code & 0xff]);

export function joined(...pieces) {
  return Uint8Array.from(pieces.flatMap((piece) => [...piece]));
}
