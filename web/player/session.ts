// One viewer of one stream: its connection, its screen, the clock, and the state of these together.

import {besideStream} from './addresses.js';
import {now} from './clock.js';
import {Connection, type ConnectionListener} from './connection.js';
import type {Decoder} from './decoder.js';
import {FrameTime} from './frame_time.js';
import {FrozenWatch} from './frozen.js';
import {LineWatch} from './line_watch.js';
import {LocalNetwork} from './local_network.js';
import {Pinger} from './pinger.js';
import {
  type CodedPicture,
  keyframeMessage,
  type Line,
  parseControlMessage,
  pauseMessage,
  type Quality,
  qualityMessage,
  reportMessage,
  resumeMessage,
  type Size,
} from './protocol.js';
import {Failover} from './failover.js';
import {DENIED, MAY_ASK, refusalOf, UNAUTHORIZED} from './refusal.js';
import {Screen, type ScreenListener, type ShownPicture} from './screen.js';
import type {PlayerState, SessionCommand, SessionEvent, StateDetail} from './session_messages.js';
import type {Statistics} from './statistics.js';
import type {Surface} from './surface.js';
import type {TransportPreference} from './transports.js';

const TICK_MS = 500;
const STATISTICS_TICKS = 2;
const REPORT_TICKS = 10;
// How often what must be noticed soon is looked at.
const WATCH_MS = 50;
// A timer that is so late: this page or machine has slept.
const SLEPT_MS = 1000;
// Counted in ticks: a machine that was asleep has not been listening. A server that speaks
// `pistream.v1` responds to pings even if its camera is silent.
const SILENT_V1_MS = 5000;
const SILENT_TICKS_HIDDEN = 50;
const SILENT_TICKS_PLAIN = 40;
// In which a picture on screen is taken for a live one.
const LIVE_STATES: readonly PlayerState[] = ['connecting', 'playing', 'stalled', 'reconnecting'];
const ENDED_STATES: readonly PlayerState[] = ['paused', 'unsupported', 'unauthorized'];
// A server responds within this time: else it is not the camera that is away, but the network that is, or is late.
const RESPONDS_WITHIN_MS = 1000;
const UNDECODABLE_LIMIT_MS = 1000;
const KEYFRAME_REQUEST_EVERY_TICKS = 4;

export class Session implements ConnectionListener, ScreenListener {
  readonly #url: string;
  readonly #emit: (event: SessionEvent) => void;
  readonly #screen: Screen;
  readonly #connection: Connection;
  readonly #pinger: Pinger;
  readonly #failover: Failover;
  readonly #localNetwork: LocalNetwork;
  readonly #lineWatch = new LineWatch();
  readonly #frozen = new FrozenWatch((seconds, late) => this.#emit({type: 'frozen', seconds, late}));
  readonly #timer: ReturnType<typeof setInterval>;
  // Only while somebody can see the pictures.
  #watchTimer: ReturnType<typeof setInterval> | undefined;
  #watchedMs = 0;
  #state: PlayerState = 'connecting';
  #v1 = false;
  #open = false;
  #connectedBefore = false;
  #hasToldToAllow = false;  // for this attempt
  #visible = true;
  #quality: Quality = 'auto';
  #line: Line | undefined;
  #ticks = 0;
  #ticksSilent = 0;
  #frameTime = new FrameTime();
  #lastPictureMs = 0;
  #unnumbered = 0;
  #reported = {ticks: 0, received: 0, decoded: 0, shown: 0, dropped: 0};

  /** Connects at once. `url`: absolute, ws: or wss:. */
  constructor(
      url: string, decoder: Decoder, surface: Surface, emit: (event: SessionEvent) => void,
      preference: TransportPreference = 'websocket') {
    this.#url = url;
    this.#emit = emit;
    this.#screen = new Screen(decoder, surface, this);
    this.#connection = new Connection(url, this, preference);
    this.#pinger = new Pinger(this.#screen.clock, (message) => this.#sendV1(message));
    this.#failover = new Failover(besideStream('healthz', url), this.#connection, () => this.#pinger.ping());
    this.#localNetwork = new LocalNetwork(url, () => this.#onPermission());
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    this.#startWatch();
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
        clearInterval(this.#watchTimer);
        this.#screen.dispose();
        break;
      case 'visible':
        this.#setVisible(command.visible);
        break;
      case 'reconnectNow':
        this.#reconnectNow();
        break;
      case 'frameTime':
        this.#frameTime.expectedMs = command.ms;
        break;
      case 'quality':
        this.#setQuality(command.quality);
        break;
      case 'probe':
        this.#screen.probe = command.probe;
        break;
    }
  }

  onOpen(v1: boolean): void {
    this.#failover.opened();
    this.#open = true;
    this.#connectedBefore = true;
    this.#v1 = v1;
    this.#ticksSilent = 0;
    this.#lastPictureMs = now();
    this.#frameTime.reset();
    this.#screen.begin();
    if (!this.#visible) {
      this.#sendV1(pauseMessage());
    }
    this.#lineWatch.begin(this.#lastPictureMs);
    this.#pinger.begin();
    this.#line = undefined;
    if (this.#quality !== 'auto') {
      this.#sendV1(qualityMessage(this.#quality));
    }
  }

  onBinary(message: Uint8Array): void {
    this.#heard();
    const pictures = this.#screen.take(message, this.#v1);
    if (pictures.length > 0) {
      this.#lastPictureMs = now();
      pictures.forEach((picture) => this.#note(picture));
      this.#setState('playing');
    }
  }

  onText(message: string): void {
    this.#heard();
    const control = this.#v1 ? parseControlMessage(message) : undefined;
    if (control?.type === 'pong') {
      this.#pinger.responded(control.id, control.serverMs);
    } else if (control?.type === 'line') {
      this.#line = control.line;
    }
  }

  onSlow(): boolean {
    const mayAsk = !this.#connectedBefore && this.#localNetwork.mayAsk;
    if (mayAsk && !this.#hasToldToAllow) {
      this.#hasToldToAllow = true;
      this.#tell({state: 'connecting', reason: MAY_ASK});
    }
    return mayAsk;
  }

  onLost(retryInMs: number, isCertificateUnknown: boolean): void {
    this.#open = false;
    this.#hasToldToAllow = false;
    const connectedBefore = this.#connectedBefore;
    if (!connectedBefore && this.#localNetwork.isDenied) {
      this.#connection.close();
      this.onForbidden(DENIED);
      return;
    }
    if (this.#visible) {
      this.#failover.lost();
    }
    const refusal = connectedBefore && !isCertificateUnknown ? {} : refusalOf(this.#url, isCertificateUnknown);
    this.#tell({state: 'reconnecting', retryInMs, connectedBefore, ...refusal});
  }

  onUnauthorized(): void {
    this.#endWith({state: 'unauthorized', reason: UNAUTHORIZED});
  }

  onForbidden(reason: string): void {
    this.#endWith({state: 'unsupported', reason});
  }

  onResize(size: Size): void {
    this.#emit({type: 'resize', size});
  }

  onFirstDrawn(): void {
    this.#emit({type: 'firstDrawn'});
  }

  onLive(atMs: number, ageMs: number): void {
    this.#frozen.live(atMs, ageMs, this.#frameTime.lateMs());
  }

  onShown(picture: ShownPicture): void {
    this.#emit({type: 'picture', picture});
  }

  #play(): void {
    if (this.#state === 'paused' || this.#state === 'unauthorized') {
      this.#setState('connecting');
      this.#connection.open();
    }
  }

  // It may be allowed now what was not.
  #onPermission(): void {
    if (this.#state === 'unsupported') {
      this.#setState('connecting');
      this.#connection.open();
    }
  }

  // Until somebody changes that.
  #endWith(detail: StateDetail): void {
    this.#open = false;
    this.#connectedBefore = false;
    this.#failover.stop();
    this.#tell(detail);
  }

  #heard(): void {
    this.#ticksSilent = 0;
    this.#pinger.heard();
    this.#failover.heard();
  }

  #note({stamp}: CodedPicture): void {
    const atMs = this.#lastPictureMs;
    if (stamp === undefined) {
      this.#frameTime.add(atMs, ++this.#unnumbered);
    } else {
      this.#frameTime.add(stamp.capturedMs, stamp.sequence);
      this.#lineWatch.add(stamp, atMs, this.#screen.workMs);
      this.#pinger.seen = stamp.sequence;
    }
  }

  // Disconnects, so that the server need not send, and its camera may stop.
  #leave(state: 'paused'|'stopped'): void {
    this.#connection.close();
    this.#failover.stop();
    this.#open = false;
    this.#connectedBefore = false;
    this.#setState(state);
    this.#tickFrozen();
  }

  // While hidden, a server that supports it pauses, so that its camera and encoder can stop; pictures of
  // other servers are dropped.
  #setVisible(visible: boolean): void {
    if (visible !== this.#visible) {
      this.#visible = visible;
      this.#sendV1(visible ? resumeMessage() : pauseMessage());
      if (visible) {
        this.#lastPictureMs = now();
        this.#frameTime.interrupt();
        this.#lineWatch.resume(this.#lastPictureMs);
        this.#startWatch();
        this.#ticksSilent = 0;
        this.#pinger.heard();
        this.#failover.stop();
        if (!this.#open && this.#state === 'reconnecting') {
          this.#failover.lost();
        }
        this.#screen.release(this.#v1);
        this.#reported = {...this.#screen.statistics.total, ticks: this.#ticks};
      } else {
        clearInterval(this.#watchTimer);
        this.#failover.stop();
        this.#tickFrozen();
        this.#screen.hold();
      }
    }
    if (visible) {
      this.#reconnectNow();
    }
  }

  #setQuality(quality: Quality): void {
    if (quality !== this.#quality) {
      this.#quality = quality;
      this.#sendV1(qualityMessage(quality));
    }
  }

  #reconnectNow(): void {
    if (!ENDED_STATES.includes(this.#state)) {
      this.#connection.reconnectNow();
      this.#pinger.ping();
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
    if (this.#ticksSilent > this.#silenceLimitTicks()) {
      this.#failover.silenceBackOff.ended();
      this.#connection.abandon();
      return;
    }
    if (this.#visible) {
      this.#tickVisible();
    } else {
      this.#pinger.tickHidden();
    }
  }

  #silenceLimitTicks(): number {
    return !this.#v1    ? SILENT_TICKS_PLAIN :
        !this.#visible ? SILENT_TICKS_HIDDEN :
                         this.#failover.silenceBackOff.limitMs(SILENT_V1_MS) / TICK_MS;
  }

  #tickVisible(): void {
    const responds = !this.#v1 || this.#pinger.latenessMs() < RESPONDS_WITHIN_MS;
    if (this.#isOverdue(now()) && responds) {
      this.#setState('stalled');
    }
    if (!this.#v1) {
      return;
    }
    if (this.#ticks % REPORT_TICKS === 0) {
      this.#report();
    }
    const sinceMs = this.#screen.undecodableSinceMs;
    const isUndecodable = sinceMs !== undefined && now() - sinceMs > UNDECODABLE_LIMIT_MS;
    if (isUndecodable && this.#ticks % KEYFRAME_REQUEST_EVERY_TICKS === 0) {
      this.#connection.send(keyframeMessage());
    }
  }

  #isOverdue(atMs: number): boolean {
    return atMs - this.#lastPictureMs > this.#frameTime.stallMs();
  }

  #startWatch(): void {
    this.#watchedMs = now();
    this.#watchTimer = setInterval(() => this.#watch(), WATCH_MS);
  }

  #watch(): void {
    const atMs = now();
    const slept = atMs - this.#watchedMs > WATCH_MS + SLEPT_MS;
    this.#watchedMs = atMs;
    if (slept && this.#open) {
      this.#lineWatch.resume(atMs);
      this.#failover.stop();
      this.#pinger.ping();
    }
    this.#tickFrozen();
    if (this.#open && this.#v1) {
      this.#watchLine(atMs);
    }
  }

  #watchLine(atMs: number): void {
    const frameMs = this.#frameTime.ms;
    this.#pinger.tick(this.#lineWatch.isPoor(atMs, frameMs));
    this.#failover.tick({
      frameMs,
      awaitsMs: this.#pinger.awaitsMs(),
      excessMs: this.#lineWatch.excessMs,
      plays: this.#state === 'playing' && !this.#isOverdue(atMs),
    });
    if (this.#lineWatch.takeLate(atMs, this.#screen.workMs)) {
      this.#connection.renew();
    }
  }

  #tickFrozen(): void {
    const isWanted = this.#visible && LIVE_STATES.includes(this.#state);
    this.#frozen.tick(now(), isWanted, this.#frameTime.frozenMs());
  }

  #sendV1(message: string): void {
    if (this.#open && this.#v1) {
      this.#connection.send(message);
    }
  }

  #report(): void {
    const {delayMs, decodeMs, total} = this.#statistics();
    const before = this.#reported;
    this.#reported = {...total, ticks: this.#ticks};
    this.#connection.send(reportMessage({
      seconds: (this.#ticks - before.ticks) * TICK_MS / 1000,
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
    const statistics = this.#screen.statistics.snapshot(now(), this.#screen.clock.roundTripMs);
    return {...statistics, line: this.#line};
  }

  #setState(state: PlayerState): void {
    if (this.#state !== state) {
      this.#tell({state});
    }
  }

  #tell(detail: StateDetail): void {
    this.#state = detail.state;
    this.#emit({type: 'state', ...detail});
  }
}
