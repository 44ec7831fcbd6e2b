// pistream: the program at the server's end, its own page in the browser.

import {parseMetrics} from '../../lib/metrics.mjs';
import {Program} from '../../lib/program.mjs';
import {stampArea} from '../../lib/stamp.mjs';
import {installStampReader, untilPlaying} from '../../lib/watch.mjs';
import {outputOf} from '../processes.mjs';

// At the server's end, so that nothing of it goes over a link.
const PRINT = 'fetch(process.argv[1]).then((response) => response.text()).then(console.log)';

export class Pistream {
  #network;
  #program;
  #video;
  #pages = [];
  #before;

  static async start(network, video, {server = process.env.PISTREAM, options = []} = {}) {
    const contender = new Pistream();
    contender.#network = network;
    contender.#video = video;
    const [command, args] = network.atServer(server, [
      '--source', 'simulated', '--address', '0.0.0.0', '--open', '--port', '0', '--ws-port', 'off',
      '--size', `${video.width}x${video.height}`, '--framerate', String(video.framerate),
      '--bitrate', `${video.bitrateKbit}k`, ...options,
    ]);
    contender.#program = await Program.start(command, args);
    return contender;
  }

  /** Resolves when the page plays, and records what it draws. */
  async play(page, link) {
    const address = await this.#network.addressOf(link, Number(new URL(this.#program.httpUrl).port));
    await page.goto(`http://${address}/`);
    await untilPlaying(page);
    await recordPictures(page, this.#video);
    this.#pages.push(page);
  }

  async begin() {
    this.#before = await this.#metrics();
  }

  /** What else there is to know about the run. */
  async account() {
    const metrics = await this.#metrics();
    const since = (name) => countOf(metrics, name) - countOf(this.#before, name);
    return {
      droppedByServer: since('pistream_pictures_dropped_behind_total'),
      keyframeRequests: since('pistream_keyframe_requests_total'),
      connections: await Promise.all(this.#pages.map((page) => page.evaluate(
          () => document.querySelector('pistream-video').player.statistics?.total.connections))),
    };
  }

  stop() {
    return this.#program.stop();
  }

  async #metrics() {
    const url = new URL('/metrics', this.#program.httpUrl);
    url.hostname = '127.0.0.1';
    return parseMetrics(await outputOf(...this.#network.atServer(process.execPath, ['-e', PRINT, url.href])));
  }
}

// Of a counter with labels: all of them together.
function countOf(metrics, name) {
  const counters = Object.entries(metrics).filter(([each]) => each === name || each.startsWith(`${name}{`));
  return counters.reduce((sum, [, value]) => sum + value, 0);
}

/**
 * Lets pistream's page record each picture: its stamp as read from the canvas, which may be smaller than
 * the camera's picture, and its header, for those that are too coarse to be read.
 */
export async function recordPictures(page, {width, height}) {
  await installStampReader(page);
  await page.evaluate(([camera, area]) => {
    globalThis.shown = [];
    const {player} = document.querySelector('pistream-video');
    player.addEventListener('picture', ({detail: {pixels, drawnMs, stamp}}) => {
      const {size} = player;
      globalThis.shown.push({
        drawnMs,
        width: size.width,
        sequence: stamp?.sequence,
        header10us: stamp === undefined ? undefined : stamp.capturedMs * 100,
        ...readStamp(pixels, camera.width, camera.height, size.width / camera.width),
      });
    });
    player.watchPictures({x: 0, y: 0, ...area});
  }, [{width, height}, stampArea(width, height)]);
}
