// What the server knows of a viewer's line, in words.

import type {Line} from '../player/protocol.js';

export interface LineTexts {
  readonly line: string;
  readonly track: string;
}

const NOTHING = '–';

/** An older server tells nothing: undefined. */
export function lineTexts(line: Line|undefined): LineTexts {
  const {rateBps, delayMs, track, switches, reason} = line ?? {};
  return {
    line: joined([
      rateBps === undefined ? undefined : `${(rateBps / 1000).toFixed(0)} kbit/s`,
      delayMs === undefined ? undefined : `${delayMs.toFixed(0)} ms`,
    ]),
    track: joined([
      track,
      switches === undefined ? undefined : `changed ${switches} ${switches === 1 ? 'time' : 'times'}`,
      reason,
    ]),
  };
}

function joined(parts: readonly (string|undefined)[]): string {
  return parts.filter((part) => part !== undefined).join(', ') || NOTHING;
}
