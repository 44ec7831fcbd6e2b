// Delay over the last minute, drawn as it grows.

import type {Percentiles} from '../player/statistics.js';

const SAMPLES = 60;
const LEAST_SCALE_MS = 20;

export class Plot {
  readonly #canvas: HTMLCanvasElement;
  #samples: (Percentiles|undefined)[] = [];

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas;
  }

  /** Undefined: nothing measured in that second, a gap in the line. */
  add(sample: Percentiles|undefined): void {
    this.#samples = [...this.#samples.slice(1 - SAMPLES), sample];
  }

  clear(): void {
    this.#samples = [];
  }

  /** The top of the plot, in milliseconds. */
  get scaleMs(): number {
    const highest = Math.max(LEAST_SCALE_MS, ...this.#samples.map((sample) => sample?.p95 ?? 0));
    const step = 10 ** Math.floor(Math.log10(highest));
    return Math.ceil(highest / step) * step;
  }

  draw(): void {
    const {clientWidth: width, clientHeight: height} = this.#canvas;
    const context = this.#canvas.getContext('2d');
    if (context === null || width === 0) {
      return;
    }
    this.#canvas.width = Math.round(width * devicePixelRatio);
    this.#canvas.height = Math.round(height * devicePixelRatio);
    context.scale(devicePixelRatio, devicePixelRatio);
    const style = getComputedStyle(this.#canvas);
    const colour = (name: string) => style.getPropertyValue(name);
    context.lineWidth = 1;
    context.strokeStyle = colour('--line');
    for (const y of [0.5, height / 2, height - 0.5]) {
      context.beginPath();
      context.moveTo(0, y);
      context.lineTo(width, y);
      context.stroke();
    }
    context.lineWidth = 2;
    this.#line(context, colour('--other'), (sample) => sample.p95);
    this.#line(context, colour('--accent'), (sample) => sample.p50);
  }

  #line(
      context: CanvasRenderingContext2D, colour: string,
      valueOf: (sample: Percentiles) => number): void {
    const {clientWidth: width, clientHeight: height} = this.#canvas;
    const scaleMs = this.scaleMs;
    context.strokeStyle = colour;
    context.beginPath();
    let isDown = false;
    this.#samples.forEach((sample, index) => {
      const x = width * (index + SAMPLES - this.#samples.length) / (SAMPLES - 1);
      if (sample !== undefined) {
        const y = height - 2 - (height - 4) * valueOf(sample) / scaleMs;
        isDown ? context.lineTo(x, y) : context.moveTo(x, y);
      }
      isDown = sample !== undefined;
    });
    context.stroke();
  }
}
