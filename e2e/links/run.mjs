// One run: a profile's links, and contenders on links of their own, all at the same time.

import {setTimeout as sleep} from 'node:timers/promises';
import {chromium} from '@playwright/test';
import {Jsmpeg} from './contenders/jsmpeg.mjs';
import {Pistream} from './contenders/pistream.mjs';
import {WebRtc} from './contenders/webrtc.mjs';
import {describe, EmulatedLinks} from './emulator.mjs';
import {faultsOf, measuresOf} from './measures.mjs';
import {busyShare, processorTime} from './processes.mjs';
import {ProxiedLinks} from './proxy.mjs';
import {shownBy} from './shown.mjs';

/** Those that can be on a link, by name. */
export const CONTENDERS = {jsmpeg: Jsmpeg, pistream: Pistream, webrtc: WebRtc};

/** {width, height, framerate, bitrateKbit} of the profile's video. */
export function videoOf({video}) {
  const [width, height] = video.size.split('x').map(Number);
  return {width, height, framerate: video.framerate, bitrateKbit: video.bitrateKbit};
}

// A contender with a viewer on each of its links.
class Entry {
  static async start(network, links, profiles, {name, kind, ...options}) {
    const entry = new Entry();
    Object.assign(entry, {name, links, profiles, video: videoOf(profiles[0])});
    entry.contender = await CONTENDERS[kind].start(network, entry.video, options);
    return entry;
  }

  async play(executablePath) {
    this.browser = await chromium.launch({executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage']});
    this.pages = [];
    for (const link of this.links) {
      const page = await this.browser.newPage({bypassCSP: true});
      await this.contender.play(page, link);
      this.pages.push(page);
    }
  }

  async result(window, counters) {
    const account = await this.contender.account();
    return Promise.all(this.pages.map(async (page, at) => ({
      contender: this.name,
      link: this.profiles[at].name,
      viewer: this.pages.length > 1 ? at + 1 : undefined,
      ...measuresOf(await shownBy(page), {
        ...window, video: this.video, faults: faultsOf(this.profiles[at]),
      }),
      faults: faultsOf(this.profiles[at]),
      counters: counters[at],
      ...account,
    })));
  }

  async stop() {
    await this.browser?.close();
    await this.contender.stop();
  }
}

/** Links for a list of profiles' files: the best that there are here. */
export async function openLinks(files, {seed, congestion, proxy = false} = {}) {
  const emulated = proxy ? null : await EmulatedLinks.open(files, {seed, congestion});
  return emulated ?? ProxiedLinks.open(files);
}

/**
 * A result for each viewer of each contender. `contenders`: [{name, kind: of CONTENDERS, and its options}];
 * `seed` of chance, undefined for the profile's; `warmUp` and `seconds` of measurement. Without rights for
 * namespaces, or with `proxy`, the links are proxies, and contenders that need datagrams are left out.
 */
export async function runProfile(file, {contenders, seed, congestion, proxy = false, warmUp, seconds}) {
  const profiles = await describe(file);
  const network = await openLinks(contenders.map(() => file), {seed, congestion, proxy});
  const able = contenders.filter(({kind}) => network.hasDatagrams || !CONTENDERS[kind].needsDatagrams);
  const entries = [];
  try {
    const executable = await network.executableAtClient('/usr/bin/chromium');
    for (const [at, contender] of able.entries()) {
      const links = network.links.slice(at * profiles.length, (at + 1) * profiles.length);
      entries.push(await Entry.start(network, links, profiles, contender));
    }
    await Promise.all(entries.map((entry) => entry.play(executable)));
    await sleep(1000 * warmUp);
    return await measure(network, entries, profiles.length, seconds);
  } finally {
    await Promise.all(entries.map((entry) => entry.stop()));
    await network.close();
  }
}

async function measure(network, entries, linksEach, seconds) {
  await Promise.all(entries.map(({contender}) => contender.begin()));
  const before = {counters: await network.count(), processors: await processorTime()};
  const fromMs = await network.start();
  await sleep(1000 * seconds);
  const toMs = fromMs + 1000 * seconds;
  const counters = difference(await network.count(), before.counters);
  const cpu = busyShare(before.processors, await processorTime());
  const results = await Promise.all(entries.map(
      (entry, at) => entry.result({fromMs, toMs}, counters.slice(at * linksEach, (at + 1) * linksEach))));
  return results.flat().map((result) => ({
    ...result, cpu, seconds, network: network.kind, congestion: network.congestion,
  }));
}

/** After less before, number by number. */
function difference(after, before) {
  if (typeof after === 'number') {
    return after - before;
  }
  if (typeof after !== 'object') {
    return after;
  }
  const parts = Object.entries(after).map(([key, value]) => [key, difference(value, before[key])]);
  return Array.isArray(after) ? parts.map(([, value]) => value) : Object.fromEntries(parts);
}
