// The page itself: its elements and its address.

import {withoutCredentials, withTokenOf} from '../player/addresses.js';
import type {Fetch} from './server_reason.js';

/** The element of the page with this id; its absence is a mistake of ours. */
export function element<Kind extends Element>(id: string, kind: new() => Kind): Kind {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) {
    throw new Error(`no #${id} in the page`);
  }
  return found;
}

/** The page's address, for the addresses beside it. `fetch` refuses one with a user name or password. */
export const pageAddress = withoutCredentials(new URL(document.baseURI)).href;

/** Whether the page's own address has a token to view, as in a frame of another site, where there are no cookies. */
export const hasToken = new URL(pageAddress).searchParams.has('token');

/** An address of this server, with that token. */
export const addressOf = (name: string, directory = pageAddress): string =>
    withTokenOf(new URL(name, directory).href, pageAddress);

/** `fetch`, with that token. */
export const get: Fetch = (address, options) => fetch(addressOf(address), options);
