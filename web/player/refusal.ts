// Why a player cannot connect, as far as its page can know, in words.

import {besideStream, isSameOrigin} from './addresses.js';

export interface Refusal {
  readonly reason?: string;
  /** The server's page, in which the browser lets its user accept the certificate. */
  readonly link?: string;
}

export const MAY_ASK = 'If this browser asks whether this page may access the local network, allow it.';
export const DENIED = 'This browser does not let this page access the local network. Allow it in the settings of this ' +
    'site, beside its address: “Local network”.';
export const UNAUTHORIZED = 'The server requires a log-in, or a valid token in the address (?token=…).';

/** `streamUrl`: of the WebSocket. The server's own pages are told nothing that they can ask the server themselves. */
export function refusalOf(streamUrl: string, isCertificateUnknown: boolean): Refusal {
  const link = besideStream('./', streamUrl);
  const isOwn = isSameOrigin(link);
  if (isCertificateUnknown) {
    const what = 'This browser does not know the certificate of the server.';
    return isOwn ? {reason: `${what} Reload this page to accept it.`} : {reason: `${what} Accept it once here:`, link};
  }
  if (isOwn) {
    return {};
  }
  const {host, protocol} = new URL(link);
  const reason = `${host} cannot be reached, or does not let this page watch: that needs its option --allow-origin ` +
      `${globalThis.origin}, and a valid token if it has tokens (?token=…).`;
  return protocol === 'https:' ?
      {reason: `${reason} Or this browser does not know its certificate; accept it once here:`, link} :
      {reason};
}
