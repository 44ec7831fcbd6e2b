// One stream in the page: its video, its name, and a notice where there is no live picture.

import type {PistreamPlayer, PlayerEvents} from '../player/player.js';
import type {StateDetail} from '../player/session_messages.js';
import type {Statistics} from '../player/statistics.js';
import {get, pageAddress} from './elements.js';
import {type Frozen, frozenText, LIVE, noticeFor} from './notice.js';
import {refusalReason, unhealthyReason} from './server_reason.js';
import type {StreamInfo} from './streams.js';

// From player.js beside this script, as any other page would load it.
import {PistreamVideo} from 'pistream-player';

// Of the page's address; they are attributes of the video.
const OPTIONS = ['rotate', 'quality', 'frozen', 'transport'];
const ASK_AGAIN_MS = 2000;

export interface TileListener {
  onState(tile: Tile): void;
  onStatistics(tile: Tile, statistics: Statistics): void;
  /** The server refuses the stream without a session. Resolves when it is known whether there is one. */
  onLogInNeeded(): Promise<void>;
}

export class Tile {
  readonly element: HTMLElement;
  readonly video: PistreamVideo;
  readonly button: HTMLButtonElement;
  #name: string|undefined;
  // The stream's own addresses are here. Until the list has arrived, it is the page's directory.
  #directory = pageAddress;
  #detail: StateDetail = {state: 'connecting'};
  #reason = '';
  // Of the attempts to connect, in a row.
  #failures = 0;
  #frozen: Frozen = LIVE;
  #mustLogIn = false;
  readonly #onLogInNeeded: () => Promise<void>;
  #source = '';  // of the video, while it has none
  #timer: ReturnType<typeof setTimeout>|undefined;

  /** `element`: the page's first tile, or a copy of its template that is not in the document yet. */
  constructor(element: HTMLElement, listener: TileListener) {
    this.element = element;
    this.#onLogInNeeded = () => listener.onLogInNeeded();
    this.video = within(element, 'pistream-video', PistreamVideo);
    this.button = within(element, '.tile-button', HTMLButtonElement);
    this.video.setAttribute('label', `Live video from ${location.hostname}`);
    const options = new URLSearchParams(location.search);
    for (const name of OPTIONS) {
      const value = options.get(name);
      if (value !== null) {
        this.video.setAttribute(name, value);
      }
    }
    this.video.addEventListener(
        'frozen', (event) => this.#showFrozen((event as PlayerEvents['frozen']).detail));
    this.video.addEventListener('state', (event) => {
      this.#show((event as PlayerEvents['state']).detail);
      listener.onState(this);
    });
    this.video.addEventListener(
        'statistics', (event) => listener.onStatistics(this, (event as PlayerEvents['statistics']).detail));
    this.#show({state: this.video.player?.state ?? 'connecting'});
  }

  /** Undefined if the server has no list. */
  get name(): string|undefined {
    return this.#name;
  }

  get state(): StateDetail['state'] {
    return this.#detail.state;
  }

  /** Undefined while the tile is not in the document. */
  get player(): PistreamPlayer|undefined {
    return this.video.player;
  }

  /** Applies what the server's list has about the stream. */
  describe({name, directory, framerate, shape}: StreamInfo): void {
    this.#name = name;
    this.#directory = directory;
    within(this.element, '.tile-name', HTMLElement).textContent = name;
    this.button.setAttribute('aria-label', `Show ${name} large`);
    this.video.setAttribute('label', `Live video from ${name} at ${location.hostname}`);
    this.element.style.setProperty('--shape', String(shape ?? 4 / 3));
    if (framerate !== undefined) {
      this.player?.expectFramerate(framerate);
    }
  }

  /** Ends the player, and its picture. */
  disconnect(): void {
    this.#source = this.video.src || this.#source;
    this.video.removeAttribute('src');
  }

  /** After `disconnect`. */
  connect(): void {
    this.#show({state: 'connecting'});
    this.video.src = this.#source;
  }

  #show(detail: StateDetail): void {
    if (detail.state !== this.#detail.state) {
      this.#reason = '';
      this.#failures = 0;
      this.#mustLogIn = false;
    }
    this.#detail = detail;
    this.element.dataset['state'] = detail.state;
    this.#showNotice();
    clearTimeout(this.#timer);
    if (detail.state === 'stalled') {
      void this.#explainStall(detail);
    } else if (detail.state === 'reconnecting') {
      void this.#explainRefusal(detail);
    } else if (detail.state === 'unauthorized') {
      void this.#becomeAuthorized(detail);
    }
  }

  // If there is another session by now, as from another tab.
  async #becomeAuthorized(detail: StateDetail): Promise<void> {
    await this.#onLogInNeeded();
    if (this.#detail === detail) {
      this.player?.play();
    }
  }

  // The label counts in silence; a screen reader hears the notice, once.
  #showFrozen(frozen: Frozen): void {
    const label = within(this.element, '.frozen', HTMLElement);
    label.hidden = frozen.seconds === 0;
    label.textContent = frozenText(frozen);
    this.#frozen = frozen;
    this.#showNotice();
  }

  #showNotice(): void {
    const detail = {...this.#detail, reason: this.#detail.reason ?? this.#reason};
    const {title, detail: text} = noticeFor(detail, this.#frozen);
    setText(within(this.element, '.notice-title', HTMLElement), title);
    setText(within(this.element, '.notice-detail', HTMLElement), text);
  }

  // Connected, but without pictures: the server may know why.
  async #explainStall(detail: StateDetail): Promise<void> {
    const reason = await unhealthyReason(this.#directory, get);
    if (this.#detail === detail) {
      this.#reason = reason;
      this.#showNotice();
      this.#timer = setTimeout(() => void this.#explainStall(detail), ASK_AGAIN_MS);
    }
  }

  // Asked once for each attempt, except the first: most connections recover with it.
  async #explainRefusal(detail: StateDetail): Promise<void> {
    this.#failures += 1;
    if (this.#mustLogIn || (detail.connectedBefore === true && this.#failures < 2)) {
      return;
    }
    const {text, isLogin, needsSession} = await refusalReason(this.#directory, location.origin, get, this.player?.transport);
    if (this.#detail.state === detail.state) {
      this.#reason = text;
      this.#mustLogIn = isLogin;
      this.#showNotice();
      if (needsSession === true) {
        void this.#onLogInNeeded();
      }
    }
  }
}

// A screen reader reads whatever is set, also if it is the same.
function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) {
    element.textContent = text;
  }
}

function within<Kind extends Element>(parent: Element, selector: string, kind: new() => Kind): Kind {
  const found = parent.querySelector(selector);
  if (!(found instanceof kind)) {
    throw new Error(`no ${selector} in a tile`);
  }
  return found;
}
