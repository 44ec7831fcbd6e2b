// The tiles of the page: one that fills it, or, of a server with several streams, a wall of them. On a
// wall all are equally large, or one is large and the others are in a row below it. Which one is in the
// address: #garden.

import type {Statistics} from '../player/statistics.js';
import {addressOf, element, hasToken} from './elements.js';
import type {StreamInfo} from './streams.js';
import {Tile} from './tile.js';
import {afterKey, columnsOf, type WallState} from './wall_layout.js';

// A finger that moves this far sideways shows the next stream.
const SWIPE_PX = 60;

export interface WallListener {
  /** Another tile is current, or the state of the current one has changed. */
  onChange(): void;
  onStatistics(tile: Tile, statistics: Statistics): void;
  /** The server refuses a stream without a session. Resolves when it is known whether there is one. */
  onLogInNeeded(): Promise<void>;
}

export class Wall {
  readonly #list = element('wall', HTMLElement);
  readonly #listener: WallListener;
  #tiles: Tile[] = [];
  #quality: string|undefined;
  #state: WallState = {selected: 0, isLarge: false};

  constructor(listener: WallListener) {
    this.#listener = listener;
    const {video} = this.#add(element('first-tile', HTMLElement));
    if (hasToken) {
      video.src = addressOf('stream');
    }
    addEventListener('popstate', () => this.#followAddress());
    this.#followSwipes();
  }

  /** The one that controls are for; undefined where several are equally large. */
  get current(): Tile|undefined {
    return this.#tiles.length === 1 || this.#state.isLarge ? this.#selected : undefined;
  }

  get first(): Tile {
    return this.#tiles[0]!;
  }

  /** Of all streams, also those that come later. */
  set quality(quality: string) {
    this.#quality = quality;
    this.#tiles.forEach(({video}) => video.setAttribute('quality', quality));
  }

  /** The server's streams, the first one being that of the page's first tile. */
  show(streams: readonly StreamInfo[]): void {
    const [first] = streams;
    if (first !== undefined && this.first.name !== undefined && this.first.name !== first.name) {
      // The address of the first tile leads to another stream now.
      location.reload();
      return;
    }
    const selected = this.#selected?.name;
    const known = new Map(this.#tiles.map((tile) => [tile.name, tile]));
    this.#tiles = streams.map((stream, index) => {
      const tile = index === 0 ? this.first : known.get(stream.name) ?? this.#create(stream);
      known.delete(tile.name);
      tile.describe(stream);
      return tile;
    });
    [...known.values()].filter((tile) => !this.#tiles.includes(tile)).forEach((tile) => tile.element.remove());
    const index = this.#tiles.findIndex(({name}) => name === selected);
    this.#state = {selected: Math.max(0, index), isLarge: index >= 0 && this.#state.isLarge};
    this.#followAddress();
  }

  /** Ends all players. */
  disconnect(): void {
    this.#tiles.forEach((tile) => tile.disconnect());
  }

  /** After `disconnect`. */
  connect(): void {
    this.#tiles.forEach((tile) => tile.connect());
  }

  /** What a key does to the wall. False if it does nothing. */
  handleKey(key: string): boolean {
    if (this.#tiles.length === 1) {
      return false;
    }
    const lefts = this.#tiles.map(({element: tile}) => tile.getBoundingClientRect().left);
    const state = afterKey(this.#state, key, this.#tiles.length, columnsOf(lefts));
    if (state !== undefined) {
      this.#go(state);
      if (!state.isLarge) {
        this.#selected?.button.focus();
      }
    }
    return state !== undefined;
  }

  /** All equally large. */
  showAll(): void {
    this.#go({...this.#state, isLarge: false});
  }

  get #selected(): Tile|undefined {
    return this.#tiles[this.#state.selected];
  }

  #create({directory}: StreamInfo): Tile {
    const template = element('tile-template', HTMLTemplateElement);
    const copy = document.importNode(template.content, true).firstElementChild as HTMLElement;
    copy.querySelector('pistream-video')?.setAttribute('src', addressOf('stream', directory));
    this.#list.append(copy);
    return this.#add(copy);
  }

  #add(tileElement: HTMLElement): Tile {
    const tile = new Tile(tileElement, {
      onState: () => this.#listener.onChange(),
      onStatistics: (...values) => this.#listener.onStatistics(...values),
      onLogInNeeded: () => this.#listener.onLogInNeeded(),
    });
    this.#tiles.push(tile);
    if (this.#quality !== undefined) {
      tile.video.setAttribute('quality', this.#quality);
    }
    tile.button.addEventListener(
        'click', () => this.#go({selected: this.#tiles.indexOf(tile), isLarge: true}));
    return tile;
  }

  // The browser's Back leads from a large one to all, so that a phone needs no key for it.
  #go(state: WallState): void {
    const isShown = this.#state.isLarge;
    this.#state = state;
    const hash = state.isLarge ? `#${this.#selected?.name ?? ''}` : '';
    const address = `${location.pathname}${location.search}${hash}`;
    if (state.isLarge && !isShown) {
      history.pushState({isFromWall: true}, '', address);
    } else if (!state.isLarge && isShown && (history.state as {isFromWall?: boolean}|null)?.isFromWall === true) {
      history.back();
    } else {
      history.replaceState(history.state, '', address);
    }
    this.#arrange();
  }

  #followAddress(): void {
    const name = location.hash.slice(1);
    const index = this.#tiles.findIndex((tile) => tile.name === name);
    this.#state = {selected: index >= 0 ? index : this.#state.selected, isLarge: index >= 0};
    this.#arrange();
  }

  #arrange(): void {
    const {selected, isLarge} = this.#state;
    const isWall = this.#tiles.length > 1;
    document.body.dataset['view'] = !isWall ? 'single' : isLarge ? 'large' : 'wall';
    this.#tiles.forEach((tile, index) => {
      const isSelected = index === selected;
      tile.element.style.order = String(index);
      tile.element.classList.toggle('large', isWall && isLarge && isSelected);
      tile.button.hidden = !isWall || (isLarge && isSelected);
      tile.button.tabIndex = isSelected ? 0 : -1;
    });
    this.#listener.onChange();
  }

  #followSwipes(): void {
    let start: {readonly x: number; readonly y: number}|undefined;
    this.#list.addEventListener('pointerdown', ({pointerType, clientX: x, clientY: y, target}) => {
      const isOnLarge = target instanceof Element && target.closest('.large') !== null;
      start = pointerType === 'touch' && isOnLarge ? {x, y} : undefined;
    });
    this.#list.addEventListener('pointerup', ({clientX, clientY}) => {
      const [right, down] = start === undefined ? [0, 0] : [clientX - start.x, clientY - start.y];
      start = undefined;
      if (Math.abs(right) > SWIPE_PX && Math.abs(right) > 2 * Math.abs(down)) {
        this.handleKey(right < 0 ? 'ArrowRight' : 'ArrowLeft');
      }
    });
  }
}
