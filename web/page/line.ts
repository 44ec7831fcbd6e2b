// What the server knows of a viewer's line, in words.

import type {Line} from '../player/protocol.js';

export interface LineTexts {
  readonly line: string;
  readonly track: string;
}

const NOTHING = '–';
const SIZES: Readonly<Record<string, string>> = {full: 'full size', half: 'half size', quarter: 'quarter size'};

/** An older server tells nothing: undefined. */
export function lineTexts(line: Line|undefined): LineTexts {
  const {rateBps, delayMs, track, switches, reason} = line ?? {};
  const changes = switches === undefined || switches === 0 ? undefined :
      `changed ${switches === 1 ? 'once' : `${switches} times`}`;
  const why = joined([changes, reason || undefined], ': ');
  const size = track === undefined ? undefined : SIZES[track] ?? track;
  return {
    line: joined([
      rateBps === undefined ? undefined : `${(rateBps / 1000).toFixed(0)} kbit/s`,
      delayMs === undefined ? undefined : `${delayMs.toFixed(0)} ms late`,
    ], ', ') ?? NOTHING,
    track: joined([size, why === undefined ? undefined : `(${why})`], ' ') ?? NOTHING,
  };
}

function joined(parts: readonly (string|undefined)[], separator: string): string|undefined {
  const known = parts.filter((part) => part !== undefined);
  return known.length > 0 ? known.join(separator) : undefined;
}
