// The messages of docs/protocol.md. Pure functions.

export const SUBPROTOCOL = 'pistream.v1';
/** Of a connection whose session has ended; here also of a stream over HTTP that is refused for want of one. */
export const CLOSE_UNAUTHORIZED = 4401;

const JSMP_HEADER_BYTES = 8;
const PICTURE_HEADER_BYTES = 32;
const PICTURE_HEADER_VERSION = 1;
const TYPE_INTRA = 1;
const TYPE_PREDICTED = 2;
const FLAG_DISCONTINUITY = 1;
const FLAG_REPEAT = 2;
// The most that makes sense.
const LINE_RATE_BPS = 1e12;
const LINE_DELAY_MS = 3_600_000;
const LINE_SWITCHES = 1e9;
const LINE_TRACK_LENGTH = 20;
const LINE_REASON_LENGTH = 200;

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** One coded picture as it came. */
export interface CodedPicture {
  readonly bytes: Uint8Array;
  /** An I picture: decodable without those before it. */
  readonly intra: boolean;
  /** Only with `pistream.v1`. */
  readonly stamp?: PictureStamp;
}

/** Times in milliseconds of the server's steady clock. */
export interface PictureStamp {
  readonly sequence: number;
  readonly capturedMs: number;
  readonly sentMs: number;
  /** The first picture after a loss or a join. */
  readonly discontinuity: boolean;
  /** It shows what the picture before it did, and has that one's capture time. */
  readonly repeat: boolean;
}

/** Which pictures the server should send: what the line carries, never smaller ones, or always. */
export type Quality = 'auto' | 'full' | 'low';

/** What the server knows of a viewer's line. */
export interface Line {
  readonly rateBps?: number;
  readonly delayMs?: number;
  /** `full`, `half`, `quarter`, or whatever the server calls its pictures' size. */
  readonly track?: string;
  /** How often the track has changed. */
  readonly switches?: number;
  /** Of the last change. */
  readonly reason?: string;
}

/** A control message of the server, of the kinds that this player knows. */
export type ControlMessage =
    {readonly type: 'pong'; readonly id: number; readonly serverMs: number} |
    {readonly type: 'line'; readonly line: Line};

/** The numbers of a viewer's report. */
export interface Report {
  readonly seconds: number;
  readonly received: number;
  readonly decoded: number;
  readonly shown: number;
  readonly dropped: number;
  readonly delay_p50_ms?: number;
  readonly delay_p95_ms?: number;
  readonly decode_p50_ms?: number;
}

/** Whether it is pistream, and no proxy, that refuses `response` without a session. */
export function asksForSession({status, headers}: Response): boolean {
  return status === 401 && headers.get('www-authenticate')?.includes('Bearer realm="pistream"') === true;
}

/** The size in a jsmp header; undefined if these bytes are not one. */
export function parseJsmpHeader(bytes: Uint8Array): Size | undefined {
  const isHeader = bytes.length === JSMP_HEADER_BYTES && bytes[0] === 0x6a && bytes[1] === 0x73 &&
      bytes[2] === 0x6d && bytes[3] === 0x70;
  if (!isHeader) {
    return undefined;
  }
  const view = viewOf(bytes);
  return {width: view.getUint16(4), height: view.getUint16(6)};
}

/** A picture message of `pistream.v1`; undefined if it is of a version unknown here. */
export function parsePictureMessage(message: Uint8Array): CodedPicture | undefined {
  if (message.length <= PICTURE_HEADER_BYTES || message[0] !== PICTURE_HEADER_VERSION) {
    return undefined;
  }
  const type = message[1];
  if (type !== TYPE_INTRA && type !== TYPE_PREDICTED) {
    return undefined;
  }
  const view = viewOf(message);
  const flags = view.getUint16(2);
  return {
    bytes: message.subarray(PICTURE_HEADER_BYTES),
    intra: type === TYPE_INTRA,
    stamp: {
      sequence: Number(view.getBigUint64(8)),
      capturedMs: millisecondsOf(view.getBigUint64(16)),
      sentMs: millisecondsOf(view.getBigUint64(24)),
      discontinuity: (flags & FLAG_DISCONTINUITY) !== 0,
      repeat: (flags & FLAG_REPEAT) !== 0,
    },
  };
}

/** Undefined for a message that this player does not know, which is to be ignored. */
export function parseControlMessage(text: string): ControlMessage | undefined {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof message !== 'object' || message === null) {
    return undefined;
  }
  const members = message as Record<string, unknown>;
  switch (members['type']) {
    case 'pong':
      return parsePong(members);
    case 'line':
      return {type: 'line', line: parseLine(members)};
    default:
      return undefined;
  }
}

function parsePong({id, server_ns: serverNs}: Record<string, unknown>): ControlMessage | undefined {
  const isPong = typeof id === 'number' && typeof serverNs === 'string' && /^\d{1,19}$/.test(serverNs);
  return isPong ? {type: 'pong', id, serverMs: millisecondsOf(BigInt(serverNs))} : undefined;
}

// Without the members that make no sense.
function parseLine(members: Record<string, unknown>): Line {
  const number = (name: string, maximum: number) => {
    const value = members[name];
    return typeof value === 'number' && value >= 0 && value <= maximum ? value : undefined;
  };
  const text = (name: string, longest: number) => {
    const value = members[name];
    return typeof value === 'string' && value !== '' ? value.slice(0, longest) : undefined;
  };
  return {
    rateBps: number('rate_bps', LINE_RATE_BPS),
    delayMs: number('delay_ms', LINE_DELAY_MS),
    track: text('track', LINE_TRACK_LENGTH),
    switches: number('switches', LINE_SWITCHES),
    reason: text('reason', LINE_REASON_LENGTH),
  };
}

/** `seen`: the sequence number of the newest picture that has arrived; undefined before the first. */
export function pingMessage(id: number, seen?: number): string {
  return JSON.stringify({type: 'ping', id, seen});
}

/** Whether a message of this player is a ping. */
export function isPing(message: string): boolean {
  return message.startsWith('{"type":"ping"');
}

export function qualityMessage(value: Quality): string {
  return JSON.stringify({type: 'quality', value});
}

export function keyframeMessage(): string {
  return JSON.stringify({type: 'keyframe'});
}

/** Nobody sees the pictures: the server is to send none until `resumeMessage`. */
export function pauseMessage(): string {
  return JSON.stringify({type: 'pause'});
}

/** Pictures again, as for a viewer that joins. */
export function resumeMessage(): string {
  return JSON.stringify({type: 'resume'});
}

export function reportMessage(report: Report): string {
  return JSON.stringify({type: 'report', ...report});
}

// Exact to the microsecond for centuries of uptime, which a double of nanoseconds is not.
function millisecondsOf(nanoseconds: bigint): number {
  return Number(nanoseconds / 1000n) / 1000;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
