// The server's list of streams: api/v1/streams, relative to the page.

import type {Fetch} from './server_reason.js';

export interface StreamInfo {
  readonly name: string;
  /** The absolute address of the stream's own directory. */
  readonly directory: string;
  readonly framerate?: number;
  /** Width by height. */
  readonly shape?: number;
  readonly viewers?: number;
}

/**
 * All streams, the one at the root first. Undefined if there is no list: from an older server, from a server
 * of another kind that serves the page, or while the server is unavailable. `base`: the page's URL.
 */
export async function fetchStreams(base: string, fetch: Fetch): Promise<readonly StreamInfo[]|undefined> {
  const address = new URL('api/v1/streams', base);
  try {
    const response = await fetch(address.href, {cache: 'no-store'});
    return response.ok ? parseStreams(await response.json(), base) : undefined;
  } catch {
    return undefined;
  }
}

/** Undefined if it is not a list of streams, or an empty one. Paths are relative to `base`. */
export function parseStreams(list: unknown, base: string): readonly StreamInfo[]|undefined {
  const entries = (list as {streams?: unknown}|null)?.streams;
  if (!Array.isArray(entries) || entries.length === 0) {
    return undefined;
  }
  const streams = entries.map((entry) => parseStream(entry as Record<string, unknown>, base));
  return streams.every((stream) => stream !== undefined) ? streams as StreamInfo[] : undefined;
}

function parseStream(
    {name, path, width, height, framerate, viewers}: Record<string, unknown>, base: string): StreamInfo|undefined {
  if (typeof name !== 'string' || typeof path !== 'string') {
    return undefined;
  }
  const directory = new URL(path, base);
  if (directory.origin !== new URL(base).origin) {
    return undefined;
  }
  const isSize = typeof width === 'number' && typeof height === 'number' && width > 0 && height > 0;
  return {
    name,
    directory: directory.href,
    framerate: typeof framerate === 'number' && framerate > 0 ? framerate : undefined,
    shape: isSize ? width / height : undefined,
    viewers: typeof viewers === 'number' ? viewers : undefined,
  };
}
