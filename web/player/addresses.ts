// The addresses that the player makes from others. Relative ones keep the path that a proxy has put
// before them.

/** Without a user name and password, which `fetch` and workers refuse in an address. */
export function withoutCredentials(url: URL): URL {
  const copy = new URL(url);
  copy.username = '';
  copy.password = '';
  return copy;
}

/** The address of the file `name` beside the script at `scriptUrl`. */
export function besideScript(name: string, scriptUrl: string): string {
  return withoutCredentials(new URL(name, scriptUrl)).href;
}

/**
 * The ws: or wss: address for `address`, which may be relative to `base`, the page. Credentials of the
 * page are not passed on; those that `address` itself names are, since a WebSocket may have them.
 */
export function webSocketUrl(address: string, base: string): string {
  const url = new URL(address, withoutCredentials(new URL(base)));
  url.protocol = url.protocol.replace(/^http/, 'ws');
  url.hash = '';
  return url.href;
}

/** `address` with the token to view that the query of `source` has, if any. */
export function withTokenOf(address: string, source: string): string {
  const token = new URL(source).searchParams.get('token');
  if (token === null) {
    return address;
  }
  const url = new URL(address);
  url.searchParams.set('token', token);
  return url.href;
}

/** The http: or https: address of `name` beside a stream's WebSocket address, with the same token. */
export function besideStream(name: string, streamUrl: string): string {
  const url = withoutCredentials(new URL(name, streamUrl));
  url.protocol = url.protocol.replace(/^ws/, 'http');
  return withTokenOf(url.href, streamUrl);
}

/**
 * The http: or https: address of the same stream, of a stream's WebSocket address; undefined where there is
 * none, as for a port that has only WebSockets.
 */
export function httpStreamUrl(streamUrl: string): string|undefined {
  const url = withoutCredentials(new URL(streamUrl));
  if (!url.pathname.endsWith('/stream')) {
    return undefined;
  }
  url.protocol = url.protocol.replace(/^ws/, 'http');
  url.pathname += '.v1';
  return url.href;
}

/** Where the control messages of `session` go, of the stream at `httpUrl`. */
export function withSession(httpUrl: string, session: string): string {
  const url = new URL(httpUrl);
  url.searchParams.set('session', session);
  return url.href;
}

/** Whether the browser takes a request of this page, or worker, to `url` for one to the page's own server. */
export function isSameOrigin(url: string): boolean {
  return new URL(url).origin === globalThis.origin;
}
