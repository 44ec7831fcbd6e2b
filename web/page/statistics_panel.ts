// The statistics panel of the S key.

import type {PistreamPlayer} from '../player/player.js';
import type {Percentiles, Statistics} from '../player/statistics.js';
import type {Access} from './access.js';
import {addressOf, element, get, pageAddress} from './elements.js';
import {lineTexts} from './line.js';
import {metricOf} from './metrics.js';
import {Plot} from './plot.js';
import {fetchStreams} from './streams.js';

const NOTHING = '–';
// All the server's metrics are some 25 KB: each second they would take half of a thin line from the video.
const METRICS_EVERY_MS = 10_000;

export class StatisticsPanel {
  readonly #panel = element('statistics', HTMLElement);
  readonly #button = element('show-statistics', HTMLButtonElement);
  readonly #plot = new Plot(element('plot', HTMLCanvasElement));
  #player: PistreamPlayer|undefined;
  #nextMetricsMs = 0;

  toggle(): void {
    this.#panel.hidden = !this.#panel.hidden;
    this.#nextMetricsMs = 0;
    this.#button.setAttribute('aria-pressed', String(!this.#panel.hidden));
    this.#draw();
  }

  /** `stream`: its name, if known. `access`: who may only watch gets no metrics of the server. */
  update(player: PistreamPlayer, statistics: Statistics, stream: string|undefined, access: Access|undefined): void {
    if (player !== this.#player) {
      this.#player = player;
      this.#plot.clear();  // another camera's delay
      this.#nextMetricsMs = 0;
    }
    this.#plot.add(player.state === 'playing' ? statistics.delayMs : undefined);
    if (this.#panel.hidden) {
      return;
    }
    const {total} = statistics;
    const {line, track} = lineTexts(statistics.line);
    const values: Record<string, string> = {
      'value-delay': milliseconds(statistics.delayMs),
      'value-fps': `${statistics.fps.toFixed(1)} a second`,
      'value-bitrate': `${(statistics.bitsPerSecond / 1000).toFixed(0)} kbit/s`,
      'value-decode': milliseconds(statistics.decodeMs),
      'value-dropped': `${total.received - total.shown - total.repeated} of ${total.received}`,
      'value-repeats': `${total.repeated} of ${total.received}`,
      'value-roundtrip': statistics.roundTripMs === undefined ?
          NOTHING :
          `${statistics.roundTripMs.toFixed(1)} ms`,
      'value-line': line,
      'value-track': track,
      'value-size': player.size === undefined ? NOTHING : `${player.size.width} × ${player.size.height}`,
    };
    for (const [id, text] of Object.entries(values)) {
      element(id, HTMLElement).textContent = text;
    }
    element('coarsened', HTMLElement).hidden = access === 'view';
    element('statistics-hint', HTMLElement).hidden = access !== 'view';
    this.#draw();
    if (performance.now() >= this.#nextMetricsMs) {
      this.#nextMetricsMs = performance.now() + METRICS_EVERY_MS;
      void showViewers(stream);
      if (access === 'control' || access === 'open') {
        void showMetrics(stream);
      }
    }
  }

  #draw(): void {
    if (!this.#panel.hidden) {
      this.#plot.draw();
      element('plot-scale', HTMLElement).textContent = `0 to ${this.#plot.scaleMs} ms, last minute`;
    }
  }
}

function milliseconds(value: Percentiles|undefined): string {
  return value === undefined ? NOTHING : `${value.p50.toFixed(1)} / ${value.p95.toFixed(1)} ms`;
}

function showNumber(id: string, value: number|undefined): void {
  element(id, HTMLElement).textContent = value === undefined ? NOTHING : String(value);
}

async function showViewers(stream: string|undefined): Promise<void> {
  const streams = await fetchStreams(pageAddress, get);
  const shown = streams?.find(({name}) => name === stream) ?? streams?.[0];
  showNumber('value-viewers', shown?.viewers);
}

async function showMetrics(stream: string|undefined): Promise<void> {
  let text = '';
  try {
    text = await (await get(addressOf('metrics'), {cache: 'no-store'})).text();
  } catch {
    // The fields show no value.
  }
  showNumber('value-coarsened', metricOf(text, 'pistream_pictures_coarsened_total', stream));
}
