// Simulates a camera that is pointed at a monitor: perspective, lens, exposure, sensor. In grey, as the codes
// are. The same screens, view and seed produce identical pictures on every machine.

/** The values of a good view: the screen fills most of the picture, straight ahead, in focus. */
export const GOOD_VIEW = {
  fill: 0.9, // the screen's height in the picture's
  yawDeg: 0, // the screen turned about its upright axis
  pitchDeg: 0, // and about its level one
  rollDeg: 0, // and in its own plane
  blurPx: 0.7, // standard deviation, in the camera's pixels
  exposure: 0.8, // of what would just saturate the sensor, for the screen's white
  exposureMs: 20, // how long
  veil: 0.02, // light that reaches all of the picture alike: reflections, of the screen's white
  noise: 2, // standard deviation, of 255
};

const GAMMA = 2.2;
const SAMPLES = 3; // each way, for each of the camera's pixels
// The field of view of the Pi's cameras is 62 to 66 degrees wide.
const FOCAL_LENGTH = 0.8; // of the picture's width
const OUTSIDE = -1;

/** Converts grey RGBA pixels of a screen to linear light, 0 to 1. */
export function lightOf({width, height, data}) {
  const table = Float32Array.from({length: 256}, (_, value) => (value / 255) ** GAMMA);
  return {width, height, light: Float32Array.from({length: width * height}, (_, at) => table[data[4 * at + 1]])};
}

/** Projects screens of one size into the camera's picture. */
export class Perspective {
  #samples;

  /** `screen`, `picture`: {width, height} in pixels. `view`: as GOOD_VIEW. */
  constructor(screen, picture, view) {
    this.picture = picture;
    this.#samples = new Int32Array(picture.width * picture.height * SAMPLES ** 2);
    const hit = rayCaster(screen, picture, view);
    let at = 0;
    for (let y = 0; y < picture.height; ++y) {
      for (let x = 0; x < picture.width; ++x) {
        for (let sample = 0; sample < SAMPLES ** 2; ++sample) {
          const [u, v] = hit(x + (sample % SAMPLES + 0.5) / SAMPLES, y + (Math.floor(sample / SAMPLES) + 0.5) / SAMPLES);
          const isInside = u >= 0 && v >= 0 && u < screen.width && v < screen.height;
          this.#samples[at++] = isInside ? Math.floor(v) * screen.width + Math.floor(u) : OUTSIDE;
        }
      }
    }
  }

  /** The light of a screen at each pixel of the picture; the surroundings are dark. */
  project({light}) {
    const seen = new Float32Array(this.picture.width * this.picture.height);
    for (let at = 0, from = 0; at < seen.length; ++at) {
      let sum = 0;
      for (const end = from + SAMPLES ** 2; from < end; ++from) {
        const sample = this.#samples[from];
        sum += sample === OUTSIDE ? 0 : light[sample];
      }
      seen[at] = sum / SAMPLES ** 2;
    }
    return seen;
  }
}

// The point on the screen, in its pixels, of the ray through a point of the picture.
function rayCaster(screen, picture, {fill, yawDeg, pitchDeg, rollDeg}) {
  const [yaw, pitch, roll] = [yawDeg, pitchDeg, rollDeg].map((degrees) => degrees * Math.PI / 180);
  const turn = multiply(
      [[Math.cos(yaw), 0, Math.sin(yaw)], [0, 1, 0], [-Math.sin(yaw), 0, Math.cos(yaw)]],
      multiply(
          [[1, 0, 0], [0, Math.cos(pitch), -Math.sin(pitch)], [0, Math.sin(pitch), Math.cos(pitch)]],
          [[Math.cos(roll), -Math.sin(roll), 0], [Math.sin(roll), Math.cos(roll), 0], [0, 0, 1]]));
  const [right, down, normal] = [0, 1, 2].map((column) => turn.map((row) => row[column]));
  const focalLength = FOCAL_LENGTH * picture.width;
  // In pixels of the screen, as are all distances after the lens.
  const distance = focalLength * screen.height / (fill * picture.height);
  return (x, y) => {
    const ray = [x - picture.width / 2, y - picture.height / 2, focalLength];
    const along = normal[2] * distance / dot(normal, ray);
    const point = [along * ray[0], along * ray[1], along * ray[2] - distance];
    return [dot(right, point) + screen.width / 2, dot(down, point) + screen.height / 2];
  };
}

const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const multiply = (a, b) => a.map((row) => [0, 1, 2].map((column) => dot(row, b.map((other) => other[column]))));

/**
 * One picture, luma of limited range, from the projections while the shutter was open:
 * [{seen, share}], shares adding up to 1.
 */
export function expose(parts, picture, {blurPx, exposure, veil, noise}, seed) {
  let light = new Float32Array(picture.width * picture.height);
  for (const {seen, share} of parts) {
    for (let at = 0; at < light.length; ++at) {
      light[at] += share * seen[at];
    }
  }
  light = blur(light, picture, blurPx);
  const random = gaussian(seed);
  return Uint8Array.from(light, (value) => {
    const signal = 255 * Math.min(1, exposure * (value + veil)) ** (1 / GAMMA) + noise * random();
    return 16 + Math.round(Math.min(255, Math.max(0, signal)) * 219 / 255);
  });
}

function blur(plane, {width, height}, sigma) {
  if (sigma === 0) {
    return plane;
  }
  const radius = Math.ceil(3 * sigma);
  const taps = Float32Array.from({length: 2 * radius + 1}, (_, at) => Math.exp(-((at - radius) ** 2) / (2 * sigma ** 2)));
  const sum = taps.reduce((total, tap) => total + tap, 0);
  const along = (from, count, lines, step, lineStep) => {
    const to = new Float32Array(from.length);
    for (let line = 0; line < lines; ++line) {
      for (let at = 0; at < count; ++at) {
        let value = 0;
        for (let tap = -radius; tap <= radius; ++tap) {
          const neighbour = Math.min(count - 1, Math.max(0, at + tap));
          value += taps[tap + radius] * from[line * lineStep + neighbour * step];
        }
        to[line * lineStep + at * step] = value / sum;
      }
    }
    return to;
  };
  return along(along(plane, width, height, 1, width), height, width, width, 1);
}

// Approximately normal, with standard deviation 1: the sum of four uniform from -sqrt(3)/2 to sqrt(3)/2.
function gaussian(seed) {
  const random = mulberry32(seed);
  return () => (random() + random() + random() + random() - 2) * Math.sqrt(3);
}

function mulberry32(seed) {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A YUV4MPEG2 file of such pictures, without colour. */
export function y4m(lumas, {width, height}, framerate) {
  const chroma = Buffer.alloc(width * height / 2, 128);
  return Buffer.concat([
    Buffer.from(`YUV4MPEG2 W${width} H${height} F${framerate}:1 Ip C420jpeg\n`),
    ...lumas.flatMap((luma) => [Buffer.from('FRAME\n'), luma, chroma]),
  ]);
}
