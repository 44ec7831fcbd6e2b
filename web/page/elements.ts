// The page itself: its elements and its address.

import {withoutCredentials} from '../player/addresses.js';

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
