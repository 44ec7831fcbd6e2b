// The session of this browser: a cookie, which the server gives for a token. Scripts cannot read it.

import {asksForSession} from '../player/protocol.js';
import {type Fetch, lineOf} from './server_reason.js';

/** `open`: nobody has to log in. `none`: this browser has to. */
export type Access = 'open'|'view'|'control'|'none';

const OPTIONS: RequestInit = {cache: 'no-store', redirect: 'manual'};
const UNREACHABLE = 'The server cannot be reached. Try again.';
const NO_COOKIES = 'The token is right, but this browser keeps no cookies for this page. Allow them for this address.';
const WRONG = 'This token is wrong. Tokens are copied whole, and new ones replace the old.';
export const WRONG_IN_ADDRESS = 'The token in the address of this page is wrong. New tokens replace the old.';

/** The token of an address that ends with `#t=TOKEN`. */
export function tokenIn(hash: string): string|undefined {
  const [, token] = /^#t=(.+)$/.exec(hash) ?? [];
  try {
    return token === undefined ? undefined : decodeURIComponent(token);
  } catch {
    return token;  // no such encoding
  }
}

/**
 * Where the page at `page` logs in. A cookie is for the folder of this address and those below it: that of all
 * streams, also for the page of one.
 */
export function sessionAddress(page: string): string {
  const isOfStream = /\/streams\/[^/]+\/[^/]*$/.test(new URL(page).pathname);
  return new URL(isOfStream ? '../../session' : 'session', page).href;
}

/** Undefined where there are no sessions, or the server cannot be asked. */
export async function fetchAccess(address: string, fetch: Fetch): Promise<Access|undefined> {
  try {
    const response = await fetch(address, OPTIONS);
    if (!response.ok) {
      return asksForSession(response) ? 'none' : undefined;
    }
    const {role, open} = await response.json() as {role?: unknown; open?: unknown};
    return open === true ? 'open' : role === 'view' || role === 'control' ? role : undefined;
  } catch {
    return undefined;
  }
}

/** Resolves to the reason why that failed; empty if it has not. */
export async function logIn(address: string, token: string, fetch: Fetch): Promise<string> {
  try {
    const response = await fetch(address, {...OPTIONS, method: 'POST', body: token});
    if (!response.ok) {
      return await refusalOf(response);
    }
  } catch {
    return UNREACHABLE;
  }
  return await fetchAccess(address, fetch) === 'none' ? NO_COOKIES : '';
}

/** The same with the token of an address, which takes nothing from the session that there may be. */
export async function logInFromAddress(address: string, token: string, fetch: Fetch): Promise<string> {
  const access = await fetchAccess(address, fetch);
  if (access === 'open' || access === 'control') {
    return '';
  }
  const reason = await logIn(address, token, fetch);
  return access === 'view' ? '' : reason;  // an old address may have an old token
}

/** Of what the server has at `address` for this browser; undefined if it does not tell. */
export async function versionOf(address: string, fetch: Fetch): Promise<string|undefined> {
  try {
    return (await fetch(address, {...OPTIONS, method: 'HEAD'})).headers.get('etag') ?? undefined;
  } catch {
    return undefined;
  }
}

async function refusalOf(response: Response): Promise<string> {
  if (asksForSession(response)) {
    return WRONG;
  }
  const seconds = response.headers.get('retry-after');
  return response.status === 429 && seconds !== null ?
      `Too many wrong tokens came from this address. Try again in ${seconds} s.` :
      lineOf(response);
}

/** Resolves to the reason why that failed; empty if it has not. */
export async function logOut(address: string, everywhere: boolean, fetch: Fetch): Promise<string> {
  try {
    const response = await fetch(everywhere ? `${address}?everywhere` : address, {...OPTIONS, method: 'DELETE'});
    // Who has no session is logged out.
    return response.ok || asksForSession(response) ? '' : await lineOf(response);
  } catch {
    return UNREACHABLE;
  }
}
