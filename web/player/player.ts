// PistreamPlayer: live video from a pistream server on a canvas.

import {besideScript, webSocketUrl} from './addresses.js';
import type {DecoderSource} from './decoder.js';
import {failureOf} from './failure.js';
import {type Host, startHost} from './host.js';
import type {Quality, Size} from './protocol.js';
import type {ShownPicture} from './screen.js';
import type {PlayerState, SessionCommand, SessionEvent, StateDetail} from './session_messages.js';
import type {Statistics} from './statistics.js';
import type {Rectangle} from './surface.js';
import type {Transport} from './transports.js';

export interface PlayerOptions {
  /** ws:, wss:, http:, https: or relative to the page: `"stream"`. */
  readonly url: string;
  /** Must not have a context yet; its width and height become the picture's. */
  readonly canvas: HTMLCanvasElement;
  /** Where worker.js is. Default: beside player.js. */
  readonly workerUrl?: string;
  /** Where the decoder is. Default: decoder.wasm and decoder-scalar.wasm beside player.js. */
  readonly decoder?: DecoderSource;
  /** False: decodes and draws on the page's own thread. Default: in a worker where possible. */
  readonly worker?: boolean;
  /**
   * `auto`, the default: a WebSocket; the stream over HTTP where no WebSocket gets through, and in Firefox, where it
   * does not wait for a busy page. `websocket` and `http`: only that.
   */
  readonly transport?: Transport;
}

export interface PlayerEvents {
  /** The state has changed, or another attempt to connect has failed. */
  state: CustomEvent<StateDetail>;
  /** About once a second. */
  statistics: CustomEvent<Statistics>;
  /** The picture has another size, or its first. */
  resize: CustomEvent<Size>;
  /**
   * The picture on screen must not be taken for live: it is `seconds` old, told each second. `late`: pictures come,
   * but that late; else none comes. 0: it is live again, or nobody wants it to be.
   */
  frozen: CustomEvent<{readonly seconds: number; readonly late: boolean}>;
  /** A picture was drawn; only while `watchPictures` is on. */
  picture: CustomEvent<ShownPicture>;
}

/**
 * Begins at once, and keeps trying until `stop`. While nobody can see it, it stays connected and takes
 * no pictures; a paused player is not connected. Events: `PlayerEvents`.
 */
export class PistreamPlayer extends EventTarget {
  #url = '';
  readonly #transport: Transport;
  readonly #canvas: HTMLCanvasElement;
  readonly #ending = new AbortController();
  #host: Host|undefined;
  // Commands from before the host was there.
  #early: SessionCommand[] = [];
  #state: PlayerState = 'connecting';
  #statistics: Statistics|undefined;
  #size: Size|undefined;
  #visible = true;
  #quality: Quality = 'auto';
  #frozenSeconds = 0;

  constructor(options: PlayerOptions) {
    super();
    this.#canvas = options.canvas;
    this.#transport = options.transport ?? 'auto';
    const {signal} = this.#ending;
    document.addEventListener('visibilitychange', () => this.#tellVisibility(), {signal});
    const reconnectNow = () => this.#post({type: 'reconnectNow'});
    addEventListener('online', reconnectNow, {signal});
    // A page that comes back from the back/forward cache, or was frozen.
    addEventListener('pageshow', reconnectNow, {signal});
    document.addEventListener('resume', reconnectNow, {signal});
    this.#tellVisibility();
    void this.#start(options);
  }

  /** The stream's address, absolute; empty if what it was given is not an address. */
  get url(): string {
    return this.#url;
  }

  /** How it may connect, as it was told. */
  get transport(): Transport {
    return this.#transport;
  }

  get state(): PlayerState {
    return this.#state;
  }

  get canvas(): HTMLCanvasElement {
    return this.#canvas;
  }

  /** The picture's; undefined before the first. */
  get size(): Size|undefined {
    return this.#size;
  }

  /** How old the picture on screen is if it must not be taken for live; else 0. */
  get frozenSeconds(): number {
    return this.#frozenSeconds;
  }

  /** The latest; undefined in the first second. */
  get statistics(): Statistics|undefined {
    return this.#statistics;
  }

  /** Where it decodes and draws; undefined before that is known. */
  get thread(): 'worker'|'page'|undefined {
    return this.#host?.kind;
  }

  /**
   * Whether anybody can see the canvas, as far as the caller knows; true to begin with. A hidden page
   * counts as one that nobody sees.
   */
  get visible(): boolean {
    return this.#visible;
  }

  set visible(visible: boolean) {
    if (visible !== this.#visible) {
      this.#visible = visible;
      this.#tellVisibility();
    }
  }

  /**
   * Which pictures the server should send, if it has smaller ones: `auto`, those that the line carries, as to
   * begin with; `full`, no smaller ones; `low`, smaller ones, to save data.
   */
  get quality(): Quality {
    return this.#quality;
  }

  set quality(quality: Quality) {
    this.#quality = quality;
    this.#post({type: 'quality', quality});
  }

  /** The camera's frames a second, if known: of a slow one, the next picture is waited for longer. */
  expectFramerate(framerate: number): void {
    this.#post({type: 'frameTime', ms: 1000 / framerate});
  }

  play(): void {
    this.#post({type: 'play'});
  }

  /** Disconnects; the last picture stays. */
  pause(): void {
    this.#post({type: 'pause'});
  }

  /** For good. */
  stop(): void {
    this.#ending.abort();
    this.#post({type: 'stop'});
    this.#host?.dispose();
    this.#setState({state: 'stopped'});
  }

  /**
   * Whether each picture that is drawn causes a `picture` event: with a rectangle, one that has the
   * pixels in it; with `true`, one without pixels; with `false`, none.
   */
  watchPictures(what: Rectangle|boolean): void {
    const probe = what === true ? 'none' : what === false ? undefined : what;
    this.#post({type: 'probe', probe});
  }

  /**
   * What is on the canvas, as a file. Rejects before the first picture, and where the browser alters
   * what pages read from a canvas.
   */
  async savePicture(type = 'image/png'): Promise<Blob> {
    if (this.#size === undefined) {
      throw new Error('there is no picture yet');
    }
    const copy = document.createElement('canvas');
    copy.width = this.#size.width;
    copy.height = this.#size.height;
    const context = copy.getContext('2d');
    if (context === null || !readsBack(context)) {
      throw new Error(
          'This browser alters what pages read from a canvas, so that they cannot recognise it: a saved ' +
          'picture would be noise. Allow this address to read canvases, or take a screenshot.');
    }
    // The canvas may just have got another size.
    context.drawImage(this.#canvas, 0, 0, copy.width, copy.height);
    return new Promise((resolve, reject) => {
      copy.toBlob(
          (blob) => blob !== null ? resolve(blob) : reject(new Error(`cannot make ${type}`)), type);
    });
  }

  override addEventListener<Name extends keyof PlayerEvents>(
      name: Name, listener: (event: PlayerEvents[Name]) => void,
      options?: AddEventListenerOptions): void;
  override addEventListener(
      name: string, listener: EventListenerOrEventListenerObject,
      options?: AddEventListenerOptions): void;
  override addEventListener(
      name: string, listener: never, options?: AddEventListenerOptions): void {
    super.addEventListener(name, listener, options);
  }

  async #start(options: PlayerOptions): Promise<void> {
    // So that listeners are there for whatever follows.
    await undefined;
    let host: Host;
    try {
      this.#url = webSocketUrl(options.url, document.baseURI);
      host = await startHost({
        url: this.#url,
        canvas: options.canvas,
        workerUrl: options.workerUrl ?? besideThisFile('worker.js'),
        decoder: options.decoder ?? {
          simd: besideThisFile('decoder.wasm'),
          scalar: besideThisFile('decoder-scalar.wasm'),
        },
        worker: options.worker ?? true,
        transport: this.#transport,
        emit: (event) => this.#take(event),
      });
    } catch (error) {
      this.#setState(failureOf(error));
      return;
    }
    if (this.#ending.signal.aborted) {
      host.dispose();
      return;
    }
    this.#host = host;
    this.#early.forEach((command) => host.post(command));
    this.#early = [];
  }

  #post(command: SessionCommand): void {
    if (this.#host !== undefined) {
      this.#host.post(command);
    } else {
      this.#early.push(command);
    }
  }

  #tellVisibility(): void {
    this.#post({type: 'visible', visible: this.#visible && document.visibilityState === 'visible'});
  }

  #take(event: SessionEvent): void {
    switch (event.type) {
      case 'state':
        this.#setState(event);
        break;
      case 'statistics':
        this.#statistics = event.statistics;
        this.dispatchEvent(new CustomEvent('statistics', {detail: event.statistics}));
        break;
      case 'firstDrawn':
        renderFrames();
        break;
      case 'resize':
        this.#size = event.size;
        this.dispatchEvent(new CustomEvent('resize', {detail: event.size}));
        break;
      case 'frozen':
        this.#frozenSeconds = event.seconds;
        this.dispatchEvent(new CustomEvent('frozen', {detail: {seconds: event.seconds, late: event.late}}));
        break;
      case 'picture':
        this.dispatchEvent(new CustomEvent('picture', {detail: event.picture}));
        break;
    }
  }

  #setState(detail: StateDetail): void {
    if (this.#state !== 'stopped') {
      this.#state = detail.state;
      this.dispatchEvent(new CustomEvent('state', {detail}));
    }
  }
}

// Chromium and WebKit show what a worker has drawn only after the page has rendered a frame of its own;
// one that is at rest would stay blank. The worker hands over its picture some time after drawing it: a
// frame before that does not count, and WebKit never shows the pictures that follow. Nothing tells the
// page when it is done, which takes a few frames: these are for a second.
const FRAMES_TO_RENDER = 60;

function renderFrames(left = FRAMES_TO_RENDER): void {
  if (left > 0) {
    requestAnimationFrame(() => renderFrames(left - 1));
  }
}

// Whether a known pixel is read as it was drawn. Some browsers change single bits of some, which nobody
// sees.
function readsBack(context: CanvasRenderingContext2D): boolean {
  context.fillStyle = '#3c78b4';
  context.fillRect(0, 0, 1, 1);
  const {data} = context.getImageData(0, 0, 1, 1);
  return [0x3c, 0x78, 0xb4].every((value, channel) => Math.abs(value - (data[channel] ?? 0)) <= 2);
}

const besideThisFile = (name: string) => besideScript(name, import.meta.url);
