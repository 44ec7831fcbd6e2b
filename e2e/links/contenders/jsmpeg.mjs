// JSMpeg with its relay: Debian's ffmpeg and a WebSocket server at the server's end, its player in the
// browser.

import {fileURLToPath} from 'node:url';
import {installJsmpeg1} from '../../lib/jsmpeg1.mjs';
import {stampArea} from '../../lib/stamp.mjs';
import {installStampReader} from '../../lib/watch.mjs';
import {Dialogue} from '../processes.mjs';

const RELAY = fileURLToPath(new URL('jsmpeg_relay.mjs', import.meta.url));

export class Jsmpeg {
  #network;
  #relay;
  #video;

  static async start(network, video) {
    const contender = new Jsmpeg();
    contender.#network = network;
    contender.#video = video;
    const {width, height, framerate, bitrateKbit} = video;
    contender.#relay = await Dialogue.start(...network.atServer(
        process.execPath, [RELAY, ...[width, height, framerate, bitrateKbit].map(String)]));
    return contender;
  }

  /** Resolves when the player plays, and records what it draws. */
  async play(page, link) {
    const address = await this.#network.addressOf(link, this.#relay.ready.port);
    await page.goto(`http://${address}/`);
    await installJsmpeg1(page);
    await installStampReader(page);
    const {width, height} = this.#video;
    await page.evaluate(recordPlayer, [`ws://${address}/`, {width, height}, stampArea(width, height)]);
    await page.waitForFunction(() => globalThis.shown.length > 0);
  }

  async begin() {}

  account() {
    return this.#relay.ask('how much?');
  }

  stop() {
    return this.#relay.end();
  }
}

// In the page.
function recordPlayer([url, camera, area]) {
  globalThis.shown = [];
  const canvas = document.body.appendChild(document.createElement('canvas'));
  const look = () => {
    const drawnMs = performance.timeOrigin + performance.now();
    const pixels = canvas.getContext('2d').getImageData(0, 0, area.width, area.height);
    globalThis.shown.push({drawnMs, width: canvas.width, ...readStamp(pixels, camera.width, camera.height)});
  };
  new JSMpeg.Player(url, {canvas, audio: false, disableGl: true, onVideoDecode: look});
}
