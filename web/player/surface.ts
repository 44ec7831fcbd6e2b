// Where pictures are drawn: a canvas in the page, or one that was transferred to a worker.

import type {Size} from './protocol.js';

/** A part of the picture, in its pixels. */
export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

type Context = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

/** Draws by Canvas2D: without a GPU, WebGL runs on the CPU and was measured to be slower. */
export class Surface {
  readonly #canvas: HTMLCanvasElement | OffscreenCanvas;
  readonly #context: Context;
  #isSized = false;

  /** Throws if the canvas has a context of another kind already. */
  constructor(canvas: HTMLCanvasElement | OffscreenCanvas) {
    const context = canvas.getContext('2d', {alpha: false}) as Context | null;
    if (context === null) {
      throw new Error('this canvas is in use for something other than 2D drawing');
    }
    this.#canvas = canvas;
    this.#context = context;
  }

  /** True if this is the first size, or another than before. Clears the canvas then. */
  resize(size: Size): boolean {
    if (this.#isSized && this.#canvas.width === size.width && this.#canvas.height === size.height) {
      return false;
    }
    this.#isSized = true;
    this.#canvas.width = size.width;
    this.#canvas.height = size.height;
    return true;
  }

  draw(picture: ImageData): void {
    this.#context.putImageData(picture, 0, 0);
  }

  /** What is on the canvas now. */
  read(part: Rectangle): ImageData {
    return this.#context.getImageData(part.x, part.y, part.width, part.height);
  }
}
