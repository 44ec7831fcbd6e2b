// <pistream-video src="stream">: a PistreamPlayer as an element.

import {fullSize} from './full_size.js';
import {PistreamPlayer, type PlayerEvents} from './player.js';
import type {Quality, Size} from './protocol.js';
import type {StateDetail} from './session_messages.js';
import type {Transport} from './transports.js';

const EVENTS: readonly (keyof PlayerEvents)[] = ['state', 'statistics', 'resize', 'frozen', 'picture'];
const QUALITIES: readonly string[] = ['auto', 'full', 'low'] satisfies Quality[];
const TRANSPORTS: readonly string[] = ['auto', 'websocket', 'http'] satisfies Transport[];

// A constructed style sheet: a <style> would need a looser content security policy.
const STYLE = `
  :host { display: inline-block; position: relative; overflow: hidden; background: #000; }
  :host([hidden]) { display: none; }
  canvas { display: block; width: 100%; height: 100%; object-fit: contain; }
  :host([frozen="blank"]) .frozen { visibility: hidden; }
  :host([frozen="grey"]) .frozen { filter: grayscale(1); }
  :host([rotate="180"]) canvas { transform: rotate(180deg); }
  :host(:is([rotate="90"], [rotate="270"])) { container-type: size; }
  :host(:is([rotate="90"], [rotate="270"])) canvas {
    position: absolute; left: 50%; top: 50%; width: 100cqh; height: 100cqw; translate: -50% -50%; rotate: 90deg;
  }
  :host([rotate="270"]) canvas { rotate: 270deg; }
  p { position: absolute; inset: auto 0 0; box-sizing: border-box; max-height: 100%; overflow: auto; margin: 0;
    padding: 0.5em 0.7em; background: rgb(0 0 0 / 75%); color: #fff; font: 14px/1.4 system-ui, sans-serif; }
  p[hidden] { display: none; }
  a { color: inherit; }
`;

/**
 * Attributes: `src`, the stream's address; `label`, what a screen reader calls the picture; `rotate`,
 * 90, 180 or 270 degrees clockwise, by CSS; `quality` and `transport`, the player's; `frozen`, `blank` or `grey`, what becomes
 * of a picture that must not be taken for live. Plays while it is in the document, and takes pictures while
 * it is within the window. Why there is no video, as far as the player knows, is in its part "notice", which a page
 * with words of its own hides. The player's events are this element's too; they do not bubble.
 */
export class PistreamVideo extends HTMLElement {
  static readonly observedAttributes = ['src', 'label', 'quality', 'transport'];

  readonly #root = this.attachShadow({mode: 'open'});
  #player: PistreamPlayer|undefined;
  #isInWindow = false;
  readonly #observer = new IntersectionObserver((entries) => {
    this.#isInWindow = entries.at(-1)?.isIntersecting === true;
    this.#tellVisibility();
  });

  constructor() {
    super();
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    this.#root.adoptedStyleSheets = [sheet];
  }

  /** Undefined while it is not in a document, or has no `src`. */
  get player(): PistreamPlayer|undefined {
    return this.#player;
  }

  get src(): string {
    return this.getAttribute('src') ?? '';
  }

  set src(address: string) {
    this.setAttribute('src', address);
  }

  connectedCallback(): void {
    this.#observer.observe(this);
    // An element that was in the document before its class has its `src` from that already.
    if (this.#player === undefined) {
      this.#restart();
    }
  }

  disconnectedCallback(): void {
    this.#observer.disconnect();
    this.#isInWindow = false;
    this.#end();
  }

  attributeChangedCallback(name: string, before: string|null, after: string|null): void {
    if ((name === 'src' || name === 'transport') && before !== after && this.isConnected) {
      this.#restart();
    } else if (name === 'label') {
      this.#describe();
    } else if (name === 'quality') {
      this.#tellQuality();
    }
  }

  #restart(): void {
    this.#end();
    if (this.src === '') {
      return;
    }
    const canvas = document.createElement('canvas');
    canvas.setAttribute('role', 'img');
    const notice = document.createElement('p');
    notice.hidden = true;
    notice.setAttribute('role', 'status');
    notice.setAttribute('part', 'notice');
    this.#root.replaceChildren(canvas, notice);
    this.#describe();
    const transport = this.getAttribute('transport') ?? '';
    const player = new PistreamPlayer({
      url: this.src,
      canvas,
      transport: TRANSPORTS.includes(transport) ? transport as Transport : 'auto',
    });
    this.#player = player;
    let full: Size|undefined;
    player.addEventListener('resize', ({detail}) => {
      full = fullSize(full, detail);
      layOutAs(full, canvas);
    });
    this.#tellVisibility();
    this.#tellQuality();
    player.addEventListener('state', ({detail}) => showReason(detail, notice));
    player.addEventListener('frozen', ({detail: {seconds}}) => canvas.classList.toggle('frozen', seconds > 0));
    for (const name of EVENTS) {
      player.addEventListener(name, (event) => {
        this.dispatchEvent(new CustomEvent(name, {detail: (event as CustomEvent<unknown>).detail}));
      });
    }
  }

  #tellVisibility(): void {
    if (this.#player !== undefined) {
      this.#player.visible = this.#isInWindow;
    }
  }

  #tellQuality(): void {
    const quality = this.getAttribute('quality') ?? '';
    if (this.#player !== undefined) {
      this.#player.quality = QUALITIES.includes(quality) ? quality as Quality : 'auto';
    }
  }

  #describe(): void {
    const label = this.getAttribute('label') ?? 'Live video';
    this.#root.querySelector('canvas')?.setAttribute('aria-label', label);
  }

  #end(): void {
    this.#player?.stop();
    this.#player = undefined;
    this.#root.replaceChildren();
  }
}

function showReason({reason = '', link}: StateDetail, notice: HTMLElement): void {
  const anchor = document.createElement('a');
  if (link !== undefined) {
    // The address may have a token.
    Object.assign(anchor, {href: link, textContent: new URL(link).origin, target: '_blank', rel: 'noopener'});
  }
  notice.hidden = reason === '';
  if (notice.textContent !== `${reason} ${anchor.textContent}`) {  // a screen reader would read it once more
    notice.replaceChildren(`${reason} `, anchor);
  }
}

// Smaller pictures of the same stream are enlarged: the page around them must not move. Where CSS gives the
// element no size, that is the canvas's own, which changes with each picture's.
function layOutAs({width, height}: Size, {style}: HTMLCanvasElement): void {
  if (CSS.supports('contain-intrinsic-size', '1px 1px')) {
    style.contain = 'size';
    style.setProperty('contain-intrinsic-size', `${width}px ${height}px`);
    style.aspectRatio = `${width} / ${height}`;
  }
}

if (customElements.get('pistream-video') === undefined) {
  customElements.define('pistream-video', PistreamVideo);
}
