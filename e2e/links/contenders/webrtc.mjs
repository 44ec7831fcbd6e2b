// WebRTC: libwebrtc in Node at the server's end, a <video> in the browser. VP8, with the video's bitrate as
// the most it may use.

import {fileURLToPath} from 'node:url';
import {stampArea} from '../../lib/stamp.mjs';
import {installStampReader} from '../../lib/watch.mjs';
import {Dialogue} from '../processes.mjs';

const SENDER = fileURLToPath(new URL('webrtc_sender.mjs', import.meta.url));

export class WebRtc {
  static needsDatagrams = true;
  #sender;
  #video;
  #pages = [];

  static async start(network, video) {
    const contender = new WebRtc();
    contender.#video = video;
    const {width, height, framerate, bitrateKbit} = video;
    contender.#sender = await Dialogue.start(...network.atServer(
        process.execPath, [SENDER, ...[width, height, framerate, bitrateKbit].map(String)]));
    return contender;
  }

  /** Resolves when the video plays, and records what it shows. */
  async play(page, link) {
    await page.setContent('<video muted autoplay playsinline></video>');
    await installStampReader(page);
    const offer = await page.evaluate(makeOffer);
    const answer = await this.#sender.ask(JSON.stringify({offer, address: link.server}));
    const {width, height} = this.#video;
    await page.evaluate(recordVideo, [answer, {width, height}, stampArea(width, height)]);
    await page.waitForFunction(() => globalThis.shown.length > 0);
    this.#pages.push(page);
  }

  async begin() {}

  async account() {
    return {statistics: await Promise.all(this.#pages.map((page) => page.evaluate(statistics)))};
  }

  stop() {
    return this.#sender.end();
  }
}

// In the page.
async function makeOffer() {
  const connection = globalThis.connection = new RTCPeerConnection();
  const transceiver = connection.addTransceiver('video', {direction: 'recvonly'});
  const {codecs} = RTCRtpReceiver.getCapabilities('video');
  transceiver.setCodecPreferences(codecs.filter(({mimeType}) => ['video/VP8', 'video/rtx'].includes(mimeType)));
  await connection.setLocalDescription();
  const {type, sdp} = connection.localDescription;
  return {type, sdp};
}

// In the page. A picture is shown when the browser hands it over to be composed.
async function recordVideo([answer, camera, area]) {
  const video = document.querySelector('video');
  globalThis.shown = [];
  connection.addEventListener('track', ({track}) => video.srcObject = new MediaStream([track]));
  const copy = new OffscreenCanvas(area.width, area.height);
  const context = copy.getContext('2d', {willReadFrequently: true});
  const look = (_, {presentationTime, width, height}) => {
    // Of a picture that was made smaller, the same part.
    context.drawImage(video, 0, 0, area.width * width / camera.width, area.height * height / camera.height,
        0, 0, area.width, area.height);
    const pixels = context.getImageData(0, 0, area.width, area.height);
    const stamp = readStamp(pixels, camera.width, camera.height);
    globalThis.shown.push({drawnMs: performance.timeOrigin + presentationTime, width, ...stamp});
    video.requestVideoFrameCallback(look);
  };
  video.requestVideoFrameCallback(look);
  await connection.setRemoteDescription(answer);
}

// In the page.
async function statistics() {
  const report = [...(await connection.getStats()).values()].find(({type}) => type === 'inbound-rtp');
  const {qpSum, framesDecoded, jitterBufferDelay, jitterBufferEmittedCount, pliCount, nackCount} = report;
  return {
    qp: qpSum / framesDecoded,
    jitterBufferMs: 1000 * jitterBufferDelay / jitterBufferEmittedCount,
    pliCount,
    nackCount,
  };
}
