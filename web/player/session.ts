// Watching one server: connection, screen, clock, and what state all that is in.

import {now} from './clock.js';
import {Connection, type ConnectionListener} from './connection.js';
import type {Decoder} from './decoder.js';
import {keyframeMessage, parseControlMessage, pingMessage, reportMessage, type Size} from './protocol.js';
import {Screen, type ScreenListener, type ShownPicture} from './screen.js';
import type {Statistics} from './statistics.js';
import type {Rectangle, Surface} from './surface.js';

/**
 * connecting: not yet connected; playing; stalled: connected, but no picture comes;
 * reconnecting: the connection was lost, or the first one failed; paused: by the user;
 * stopped: for good; unsupported: this browser cannot.
 */
export type PlayerState =
    'connecting'|'playing'|'stalled'|'reconnecting'|'paused'|'stopped'|'unsupported';

/** What a session tells; plain data, so that it can cross from a worker. */
export type SessionEvent =
    {readonly type: 'state'; readonly state: PlayerState; readonly retryInMs?: number}|
    {readonly type: 'statistics'; readonly statistics: Statistics}|
    {readonly type: 'resize'; readonly size: Size}|
    {readonly type: 'picture'; readonly picture: ShownPicture};

/** What a session is told. */
export type SessionCommand =
    {readonly type: 'play'}|
    {readonly type: 'pause'}|
    {readonly type: 'stop'}|
    /** Whether anybody can see the page. */
    {readonly type: 'visible'; readonly visible: boolean}|
    /** The network, or the machine, is back. */
    {readonly type: 'hurry'}|
    /** `probe`: see Screen. */
    {readonly type: 'probe'; readonly probe: Rectangle | 'none' | undefined};

const TICK_MS = 500;
const STATISTICS_TICKS = 2;
const REPORT_TICKS = 10;
const PING_TICKS = 4;
// The first pings come faster: the clock should be known soon, and the best of several is exact.
const QUICK_PINGS = 5;
const QUICK_PING_MS = 60;
const STALLED_AFTER_MS = 2000;
// Ticks, not time: a machine that was asleep has not been listening. A server that speaks
// `pistream.v1` answers pings even if its camera is silent.
const SILENT_TICKS_V1 = 10;
const SILENT_TICKS_PLAIN = 40;
const BLIND_LIMIT_MS = 1000;
const KEYFRAME_REQUEST_EVERY_TICKS = 4;
const PINGS_REMEMBERED = 8;

export class Session implements ConnectionListener, ScreenListener {
  readonly #emit: (event: SessionEvent) => void;
  readonly #screen: Screen;
  readonly #connection: Connection;
  readonly #timer: ReturnType<typeof setInterval>;
  #state: PlayerState = 'connecting';
  #v1 = false;
  #open = false;
  #ticks = 0;
  #ticksSilent = 0;
  #lastPictureMs = 0;
  #nextPing = 0;
  #pingsSentMs = new Map<number, number>();
  #reported = {received: 0, decoded: 0, shown: 0, dropped: 0};

  /** Connects at once. `url`: absolute, ws: or wss:. */
  constructor(
      url: string, decoder: Decoder, surface: Surface, emit: (event: SessionEvent) => void) {
    this.#emit = emit;
    this.#screen = new Screen(decoder, surface, this);
    this.#connection = new Connection(url, this);
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    this.#connection.open();
  }

  handle(command: SessionCommand): void {
    if (this.#state === 'stopped') {
      return;
    }
    switch (command.type) {
      case 'play':
        this.#play();
        break;
      case 'pause':
        this.#leave('paused');
        break;
      case 'stop':
        this.#leave('stopped');
        clearInterval(this.#timer);
        this.#screen.dispose();
        break;
      case 'visible':
        this.#screen.hold(!command.visible);
        this.#hurry();
        break;
      case 'hurry':
        this.#hurry();
        break;
      case 'probe':
        this.#screen.probe = command.probe;
        break;
    }
  }

  onOpen(v1: boolean): void {
    this.#open = true;
    this.#v1 = v1;
    this.#ticksSilent = 0;
    this.#lastPictureMs = now();
    this.#screen.begin();
    for (let ping = 0; v1 && ping < QUICK_PINGS; ++ping) {
      setTimeout(() => this.#ping(), ping * QUICK_PING_MS);
    }
  }

  onBinary(message: Uint8Array): void {
    this.#ticksSilent = 0;
    if (this.#screen.take(message, this.#v1)) {
      this.#lastPictureMs = now();
      this.#setState('playing');
    }
  }

  onText(message: string): void {
    this.#ticksSilent = 0;
    const control = this.#v1 ? parseControlMessage(message) : undefined;
    const sentMs = control === undefined ? undefined : this.#pingsSentMs.get(control.id);
    if (control !== undefined && sentMs !== undefined) {
      this.#pingsSentMs.delete(control.id);
      this.#screen.clock.add(sentMs, now(), control.serverMs);
    }
  }

  onLost(retryInMs: number): void {
    this.#open = false;
    this.#pingsSentMs.clear();
    this.#state = 'reconnecting';
    this.#emit({type: 'state', state: 'reconnecting', retryInMs});
  }

  onResize(size: Size): void {
    this.#emit({type: 'resize', size});
  }

  onShown(picture: ShownPicture): void {
    this.#emit({type: 'picture', picture});
  }

  #play(): void {
    if (this.#state === 'paused') {
      this.#setState('connecting');
      this.#connection.open();
    }
  }

  // Takes nothing more from the server, so that it need not send, nor perhaps film.
  #leave(state: 'paused'|'stopped'): void {
    this.#connection.close();
    this.#open = false;
    this.#setState(state);
  }

  #hurry(): void {
    if (this.#state !== 'paused') {
      this.#connection.hurry();
      this.#ping();
    }
  }

  #tick(): void {
    this.#ticks += 1;
    if (this.#ticks % STATISTICS_TICKS === 0) {
      this.#emit({type: 'statistics', statistics: this.#statistics()});
    }
    if (!this.#open) {
      return;
    }
    this.#ticksSilent += 1;
    if (this.#ticksSilent > (this.#v1 ? SILENT_TICKS_V1 : SILENT_TICKS_PLAIN)) {
      this.#connection.abandon();
      return;
    }
    if (now() - this.#lastPictureMs > STALLED_AFTER_MS) {
      this.#setState('stalled');
    }
    if (this.#v1) {
      this.#tickV1();
    }
  }

  #tickV1(): void {
    if (this.#ticks % PING_TICKS === 0) {
      this.#ping();
    }
    if (this.#ticks % REPORT_TICKS === 0) {
      this.#report();
    }
    const blindSinceMs = this.#screen.blindSinceMs;
    const isBlind = blindSinceMs !== undefined && now() - blindSinceMs > BLIND_LIMIT_MS;
    if (isBlind && this.#ticks % KEYFRAME_REQUEST_EVERY_TICKS === 0) {
      this.#connection.send(keyframeMessage());
    }
  }

  #ping(): void {
    if (!this.#open || !this.#v1) {
      return;
    }
    const id = this.#nextPing++;
    this.#pingsSentMs.set(id, now());
    this.#pingsSentMs.delete(id - PINGS_REMEMBERED);
    this.#connection.send(pingMessage(id));
  }

  #report(): void {
    const {delayMs, decodeMs, total} = this.#statistics();
    const before = this.#reported;
    this.#reported = total;
    this.#connection.send(reportMessage({
      seconds: REPORT_TICKS * TICK_MS / 1000,
      received: total.received - before.received,
      decoded: total.decoded - before.decoded,
      shown: total.shown - before.shown,
      dropped: total.dropped - before.dropped,
      delay_p50_ms: delayMs?.p50,
      delay_p95_ms: delayMs?.p95,
      decode_p50_ms: decodeMs?.p50,
    }));
  }

  #statistics(): Statistics {
    return this.#screen.statistics.snapshot(now(), this.#screen.clock.roundTripMs);
  }

  #setState(state: PlayerState): void {
    if (this.#state !== state) {
      this.#state = state;
      this.#emit({type: 'state', state});
    }
  }
}
