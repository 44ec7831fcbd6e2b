// Binary messages of a server. Picture messages have one byte of picture: its sequence number.

export function header(width, height) {
  const message = new Uint8Array([0x6a, 0x73, 0x6d, 0x70, 0, 0, 0, 0]);
  const view = new DataView(message.buffer);
  view.setUint16(4, width);
  view.setUint16(6, height);
  return message;
}

export function picture(sequence, {intra = false, repeat = false, capturedMs = 0, sentMs = capturedMs} = {}) {
  const message = new Uint8Array(34);
  const view = new DataView(message.buffer);
  view.setUint8(0, 1);
  view.setUint8(1, intra ? 1 : 2);
  view.setUint16(2, repeat ? 2 : 0);
  view.setBigUint64(8, BigInt(sequence));
  view.setBigUint64(16, BigInt(capturedMs) * 1_000_000n);
  view.setBigUint64(24, BigInt(sentMs) * 1_000_000n);
  message[32] = sequence;
  return message;
}
