// What a viewer has seen, in figures: pure functions from the pictures that a page has drawn.

import {distribution} from '../lib/clocks.mjs';
import {millisecondsSince} from '../lib/stamp.mjs';

// A pause of more than this, beyond a frame time, is a freeze.
const FREEZE_MS = 250;
// Age is sampled this often.
const SAMPLE_MS = 20;
// Recovered: for so long, what is shown is at most so much older than it usually was before the fault.
const GOOD_FOR_MS = 1000;
const GOOD_WITHIN_MS = 250;

/**
 * Pictures in order of time, each once: {drawnMs, capturedMs, isStamped}. Of `shown`: {drawnMs, capture10us of
 * the stamp, header10us of the message}; `isStamped`: the stamp could be read from the picture.
 */
export function distinctPictures(shown) {
  const pictures = shown.map(({drawnMs, capture10us, header10us}) => ({
    drawnMs,
    capturedMs: drawnMs - millisecondsSince(capture10us ?? header10us, drawnMs),
    isStamped: capture10us !== undefined,
  })).filter(({capturedMs}) => !Number.isNaN(capturedMs));
  return pictures.filter(({capturedMs}, at) => at === 0 || Math.abs(capturedMs - pictures[at - 1].capturedMs) > 1);
}

/** [[seconds since fromMs, age in milliseconds], ...] of what is on the screen. */
export function ages(pictures, fromMs, toMs) {
  const samples = [];
  let at = -1;
  for (let ms = fromMs; ms < toMs; ms += SAMPLE_MS) {
    while (at + 1 < pictures.length && pictures[at + 1].drawnMs <= ms) {
      ++at;
    }
    if (at >= 0) {
      samples.push([(ms - fromMs) / 1000, ms - pictures[at].capturedMs]);
    }
  }
  return samples;
}

/** The lengths of the freezes, in milliseconds. */
export function freezes(pictures, fromMs, toMs, framerate) {
  const before = pictures.findLast(({drawnMs}) => drawnMs < fromMs)?.drawnMs ?? fromMs;
  const within = pictures.map(({drawnMs}) => drawnMs).filter((ms) => ms >= fromMs && ms < toMs);
  const times = [before, ...within, toMs];
  return times.slice(1).map((ms, at) => ms - times[at]).filter((gap) => gap > FREEZE_MS + 1000 / framerate);
}

/**
 * Milliseconds from `goodAgain`, in seconds, until the age is again as it was before `badFrom`; undefined if it
 * never is.
 */
export function recovery(samples, badFrom, goodAgain) {
  const before = samples.filter(([at]) => at < badFrom).map(([, age]) => age);
  if (before.length === 0) {
    return undefined;
  }
  const limit = distribution(before).p50 + GOOD_WITHIN_MS;
  const after = samples.filter(([at]) => at >= goodAgain);
  let since;
  for (const [at, age] of after) {
    since = age <= limit ? since ?? at : undefined;
    if (since !== undefined && 1000 * (at - since) >= GOOD_FOR_MS) {
      return Math.round(1000 * (since - goodAgain));
    }
  }
  return undefined;
}

/**
 * All figures of a viewer. `video`: {width, framerate} of the camera; `faults`: [{at, end}] in seconds since
 * fromMs.
 */
export function measuresOf(shown, {fromMs, toMs, video, faults}) {
  const isWithin = ({drawnMs}) => drawnMs >= fromMs && drawnMs < toMs;
  const pictures = distinctPictures(shown);
  const within = pictures.filter(isWithin);
  const pauses = freezes(pictures, fromMs, toMs, video.framerate);
  const samples = ages(pictures, fromMs, toMs);
  return {
    picturesPerSecond: within.length / (toMs - fromMs) * 1000,
    freezes: pauses.length,
    frozenSeconds: pauses.reduce((sum, each) => sum + each, 0) / 1000,
    longestMs: Math.round(Math.max(...gapsOf(within))),
    delayMs: distribution(within.map(({drawnMs, capturedMs}) => drawnMs - capturedMs)),
    ageMs: distribution(samples.map(([, age]) => age)),
    recoveryMs: faults.map(({at, end}) => recovery(samples, at, end)),
    byHeader: within.filter(({isStamped}) => !isStamped).length,
    unread: shown.filter((picture) => isWithin(picture) &&
        picture.capture10us === undefined && picture.header10us === undefined).length,
    smaller: shown.filter((picture) => isWithin(picture) && picture.width < video.width).length,
    backwards: within.filter(({capturedMs}, at) => at > 0 && capturedMs < within[at - 1].capturedMs).length,
    samples,
  };
}

const gapsOf = (pictures) => pictures.slice(1).map(({drawnMs}, at) => drawnMs - pictures[at].drawnMs);

/** When a profile's link is bad: its outages, and from each step down to the next step up. */
export function faultsOf({rate, outages}) {
  const down = rate.findIndex(({mbit}, at) => at > 0 && mbit < rate[at - 1].mbit);
  const up = rate.findIndex(({mbit}, at) => down > 0 && at > down && mbit >= rate[down - 1].mbit);
  return [
    ...outages.map((outage) => ({at: outage.at, end: outage.at + outage.for})),
    ...(up > 0 ? [{at: rate[down].at, end: rate[up].at}] : []),
  ];
}
