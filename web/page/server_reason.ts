// Why there is no video. Browsers hide from scripts why a WebSocket was refused, so this asks the server,
// or the proxy before it, over HTTP.

import {asksForSession} from '../player/protocol.js';
import type {Transport} from '../player/transports.js';

const LONGEST_REASON = 200;

/** The part of `fetch` that this needs. */
export type Fetch = (address: string, options: RequestInit) => Promise<Response>;

const OPTIONS: RequestInit = {cache: 'no-store', redirect: 'manual'};
// Makes no viewer; see HttpSocket for the header.
const HEAD_OPTIONS: RequestInit = {...OPTIONS, method: 'HEAD', headers: {'Pistream-Client': '1'}};

const HTTP_IS_BLOCKED = 'The server responds, but its stream over HTTP does not get through. A proxy before it may ' +
    'have to be configured to pass it on without delay.';
const HTTP_IS_MISSING = 'There is no stream over HTTP at this address. Open the page without ?transport=http.';

export interface Refusal {
  readonly text: string;
  /** The user has to log in. A browser may ask for the password with each request: make no more of them. */
  readonly isLogin: boolean;
  /** It is this page where that can be done. */
  readonly needsSession?: true;
}

/** The server's reason why the camera gives no pictures; empty if it reports none, or cannot be asked. */
export async function unhealthyReason(directory: string, fetch: Fetch): Promise<string> {
  try {
    const response = await fetch(new URL('healthz', directory).href, OPTIONS);
    return response.status === 503 ? await lineOf(response) : '';
  } catch {
    return '';
  }
}

/**
 * Why the stream in `directory` cannot be opened, over `transport`. `origin` is the page's. It is part of the
 * query, so that a server that refuses it can say so: browsers do not send `Origin` with this request.
 */
export async function refusalReason(
    directory: string, origin: string, fetch: Fetch, transport: Transport = 'auto'): Promise<Refusal> {
  try {
    const health = new URL('healthz', directory);
    health.searchParams.set('origin', origin);
    const response = await fetch(health.href, OPTIONS);
    if (!response.ok) {
      return await describe(response);
    }
    const stream = transport === 'http' ?
        await fetch(new URL('stream.v1', directory).href, HEAD_OPTIONS) :
        await fetch(new URL('stream', directory).href, OPTIONS);
    if (isRefusal(stream)) {
      return await describe(stream);
    }
    // A server may have an endless response there.
    void stream.body?.cancel();
    if (transport === 'http') {
      return other(stream.ok ? HTTP_IS_BLOCKED : HTTP_IS_MISSING);
    }
    const anonymous = await fetch(new URL('healthz', directory).href, {...OPTIONS, credentials: 'omit'});
    if (anonymous.status === 401) {
      return other('The server requires a login, which this browser may not send with WebSocket connections.');
    }
    const what = transport === 'auto' ? 'neither WebSocket connections nor the stream over HTTP get through' :
                                        'WebSocket connections do not get through';
    return other(
        `The server responds, but ${what}. A proxy before it may have to be configured to pass them on.`);
  } catch {
    const {host, protocol} = new URL(directory);
    const certificate = protocol === 'https:' ? ', or its certificate is a new one: reload this page to accept it' : '';
    return other(`The server at ${host} cannot be reached${certificate}.`);
  }
}

const login = (text: string): Refusal => ({text, isLogin: true});
const other = (text: string): Refusal => ({text, isLogin: false});

// A request for the stream without a handshake gets 400, 404 or 426, which does not explain anything.
const isRefusal = ({status, type}: Response) => type === 'opaqueredirect' || [401, 403, 429].includes(status);

async function describe(response: Response): Promise<Refusal> {
  if (response.type === 'opaqueredirect' || (response.status >= 300 && response.status < 400)) {
    return login('The server leads to another page. The login may have expired: reload this page.');
  }
  if (asksForSession(response)) {
    return {...login('Log in to watch.'), needsSession: true};
  }
  if (response.status === 401) {
    return login('Log in: the server requires a user name and password. Reload this page to enter them.');
  }
  return other(await lineOf(response));
}

/** What `response` says. Plain text is pistream's. An HTML page is a proxy's, and its status is enough. */
export async function lineOf(response: Response): Promise<string> {
  const isText = response.headers.get('content-type')?.startsWith('text/plain') === true;
  const text = isText ? (await response.text()).trim().split('\n', 1)[0] ?? '' : '';
  return text !== '' ? text.slice(0, LONGEST_REASON) :
                       `The server responds with ${response.status} ${response.statusText}`.trimEnd() + '.';
}
