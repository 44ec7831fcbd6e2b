// A fetch whose server is the test.

export class FakeFetch {
  static all = [];
  isOver = false;

  static install() {
    FakeFetch.all = [];
    globalThis.fetch = (address, options = {}) => {
      const request = new FakeFetch(address, options);
      FakeFetch.all.push(request);
      return request.promise;
    };
  }

  static get newest() {
    return FakeFetch.all.at(-1);
  }

  /** Those that have neither an answer nor been given up. */
  static get pending() {
    return FakeFetch.all.filter(({isOver}) => !isOver);
  }

  constructor(address, options) {
    Object.assign(this, {address, options});
    this.promise = new Promise((resolve, reject) => Object.assign(this, {resolve, reject}));
    options.signal?.addEventListener('abort', () => this.refuse());
  }

  // Actions of the server, and of the browser. They resolve when the request's owner knows.

  async answer(status = 200) {
    this.isOver = true;
    this.resolve({status});
    await settle();
  }

  /** Begins a response whose body is what `give` gives. A session of null: its header is missing. */
  async begin({status = 200, session = '0f1e', headers = {}} = {}) {
    const pieces = [];
    let wake = () => {};
    let failure;
    this.give = async (piece) => {
      pieces.push(piece);
      wake();
      await settle();
    };
    this.refuse = async () => {
      this.isOver = true;
      failure = new TypeError('network error');
      wake();
      await settle();
    };
    const read = async () => {
      while (pieces.length === 0 && failure === undefined) {
        await new Promise((resolve) => wake = resolve);
      }
      if (failure !== undefined) {
        throw failure;
      }
      const value = pieces.shift();
      return {done: value === undefined, value};
    };
    this.resolve({
      status,
      ok: status < 300,
      headers: new Headers(session === null ? headers : {...headers, 'Pistream-Session': session}),
      body: {getReader: () => ({read})},
    });
    await settle();
  }

  /** Ends the body that `begin` has begun. */
  async end() {
    await this.give(undefined);
  }

  async refuse() {
    this.isOver = true;
    this.reject(new TypeError('Failed to fetch'));
    await settle();
  }
}

/** Resolves when what follows from promises has happened. */
export async function settle() {
  for (let turn = 0; turn < 10; ++turn) {
    await undefined;
  }
}
