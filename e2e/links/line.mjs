// The rate of a line over time, as link_model.h's LineSchedule: for a proxy.

export class Line {
  /** [{at, mbit}]: in seconds since the start; 0 in an outage. */
  #segments;

  /** `rate` and `outages` of a profile. */
  constructor({rate, outages}) {
    const times = [...rate.map(({at}) => at), ...outages.flatMap((outage) => [outage.at, outage.at + outage.for])];
    this.#segments = times.sort((a, b) => a - b).map((at) => ({
      at,
      mbit: outages.some((outage) => at >= outage.at && at < outage.at + outage.for) ?
          0 : rate.findLast((step) => step.at <= at).mbit,
    }));
  }

  /** When the line has transmitted `bytes`, if it begins at `from`; in seconds since the start, 0 before it. */
  finish(from, bytes) {
    let megabits = 8e-6 * bytes;
    let at = from;
    for (const [index, {mbit}] of this.#segments.entries()) {
      const end = this.#segments[index + 1]?.at ?? Infinity;
      if (end <= at) {
        continue;
      }
      if (mbit * (end - at) >= megabits) {
        return at + megabits / mbit;
      }
      megabits -= mbit * (end - at);
      at = end;
    }
    return at;
  }
}
