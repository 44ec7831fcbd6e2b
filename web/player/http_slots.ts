// Which players of a browser may take a stream over HTTP though a WebSocket would do. A browser has six connections
// to a server for all its pages, and such a stream keeps one: with too many of them pages would load slowly.

const MOST_IN_PAGE = 2;
const MOST_IN_BROWSER = 4;

interface Count {
  readonly from: string;
  readonly count: number;
  /** The others are to tell theirs. */
  readonly asks: boolean;
}

export class HttpSlots {
  readonly #id = `${Math.random()}`;
  readonly #mine = new Set<object>();
  readonly #others = new Map<string, number>();
  readonly #channel = openChannel();

  /** Asks the other pages of this origin. Their responses come before a worker is ready. */
  constructor() {
    if (this.#channel !== undefined) {
      this.#channel.onmessage = ({data}: MessageEvent<Count>) => this.#heard(data);
    }
    addEventListener('pagehide', () => this.#tell(0));
    addEventListener('pageshow', () => this.#tell());
    this.#tell(0, true);
  }

  /** False if there are too many. */
  take(player: object): boolean {
    const others = [...this.#others.values()].reduce((sum, count) => sum + count, 0);
    if (this.#mine.size >= MOST_IN_PAGE || this.#mine.size + others >= MOST_IN_BROWSER) {
      return false;
    }
    this.#mine.add(player);
    this.#tell();
    return true;
  }

  /** Does nothing if it has none. */
  release(player: object): void {
    if (this.#mine.delete(player)) {
      this.#tell();
    }
  }

  #heard({from, count, asks}: Count): void {
    this.#others.set(from, count);
    if (asks && this.#mine.size > 0) {
      this.#tell();
    }
  }

  #tell(count = this.#mine.size, asks = false): void {
    this.#channel?.postMessage({from: this.#id, count, asks} satisfies Count);
  }
}

// Undefined where the browser forbids it, as Firefox does in pages whose cookies are blocked: such a page counts only
// its own.
function openChannel(): BroadcastChannel|undefined {
  try {
    return new BroadcastChannel('pistream-http');
  } catch {
    return undefined;
  }
}
