// From the capture of a frame to the canvas, in Chromium: pistream's page, JSMpeg 1.0's WebAssembly
// decoder fed at arrival from the same server, and pistreaming: an ffmpeg child process, whose
// output goes in arbitrary pieces to the original player. `bazel run //e2e:player_comparison`; needs Debian's
// ffmpeg. Medians over interleaved runs.

import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {readFile} from 'node:fs/promises';
import {createServer} from 'node:http';
import {createRequire} from 'node:module';
import {chromium} from '@playwright/test';
import {WebSocketServer} from 'ws';
import {distribution, offsetToMonotonic} from './lib/clocks.mjs';
import {installJsmpeg1} from './lib/jsmpeg1.mjs';
import {millisecondsSince, stampArea} from './lib/stamp.mjs';
import {installStampReader, seenAtLeast, untilPlaying, watchCanvas} from './lib/watch.mjs';
import {createTarget} from './targets/index.mjs';

const RUNS = 5;
const PICTURES = 240;
const FORMATS = [
  {size: '640x480', framerate: 24, bitrate: '800k'},
  {size: '1280x720', framerate: 30, bitrate: '2M'},
];

/** Lets the page record the canvas in `seen` whenever `globalThis.look(canvas)` is called. */
async function rememberLooks(page, {width, height}) {
  await installStampReader(page);
  await page.evaluate(([area, size]) => {
    globalThis.seen = [];
    globalThis.look = (canvas) => {
      const drawnMs = performance.timeOrigin + performance.now();
      const pixels = canvas.getContext('2d').getImageData(0, 0, area.width, area.height);
      globalThis.seen.push({drawnMs, ...readStamp(pixels, size.width, size.height)});
    };
  }, [stampArea(width, height), {width, height}]);
}

class Pistream {
  static async start(options) {
    const target = await createTarget();
    await target.transition('serving', options);
    return new Pistream(target);
  }

  constructor(target) {
    this.target = target;
  }

  async play(page) {
    await page.goto(this.target.httpUrl);
    await untilPlaying(page);
    await watchCanvas(page);
  }

  stop() {
    return this.target.transition('off');
  }
}

// The same server; its page is not used.
class Jsmpeg1 extends Pistream {
  static async start(options) {
    const {target} = await Pistream.start(options);
    return new Jsmpeg1(target, sizeOf(options));
  }

  constructor(target, size) {
    super(target);
    this.size = size;
  }

  async play(page) {
    // Of the same origin.
    await page.goto(new URL('/healthz', this.target.httpUrl).href);
    await installJsmpeg1(page);
    await rememberLooks(page, this.size);
    await page.evaluate(async (url) => {
      const canvas = document.body.appendChild(document.createElement('canvas'));
      const renderer = new JSMpeg.Renderer.Canvas2D({canvas});
      const decoder = await openJsmpeg1({
        resize: (width, height) => renderer.resize(width, height),
        render: (...planes) => {
          renderer.render(...planes);
          look(canvas);
        },
      });
      const socket = new WebSocket(url);
      socket.binaryType = 'arraybuffer';
      let isHeader = true;
      socket.onmessage = ({data}) => {
        if (!isHeader) {
          decoder.write(0, [new Uint8Array(data)]);
          while (decoder.decode()) {
            // Everything received so far.
          }
        }
        isHeader = false;
      };
    }, new URL('/stream', this.target.httpUrl.replace('http', 'ws')).href);
  }
}

// As pistreaming did: camera | ffmpeg | the result of each read(), to all clients.
class FfmpegChild {
  static async start(options) {
    const child = new FfmpegChild(sizeOf(options));
    await child.#start(options);
    return child;
  }

  constructor(size) {
    this.size = size;
  }

  async #start({size, framerate, bitrate}) {
    this.camera = spawn(process.env.RAW_VIDEO, [size, framerate], {stdio: ['ignore', 'pipe', 'inherit']});
    this.encoder = spawn('ffmpeg', [
      '-loglevel', 'error', '-f', 'rawvideo', '-pix_fmt', 'yuv420p', '-s', size, '-r', framerate, '-i', '-',
      '-f', 'mpeg1video', '-b', bitrate, '-r', framerate, '-',
    ], {stdio: [this.camera.stdout, 'pipe', 'inherit']});
    this.server = createServer((request, response) => response.end('<!DOCTYPE html>')).listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    this.url = `http://127.0.0.1:${this.server.address().port}/`;
    const sockets = new WebSocketServer({server: this.server, perMessageDeflate: false});
    const header = Buffer.from('jsmp\0\0\0\0', 'latin1');
    header.writeUInt16BE(this.size.width, 4);
    header.writeUInt16BE(this.size.height, 6);
    sockets.on('connection', (socket) => socket.send(header));
    this.encoder.stdout.on('data', (bytes) => sockets.clients.forEach((socket) => socket.send(bytes)));
    this.sockets = sockets;
  }

  async play(page) {
    await page.goto(this.url);
    await page.addScriptTag({content: await readFile(createRequire(import.meta.url).resolve('jsmpeg/jsmpg.js'), 'utf8')});
    await rememberLooks(page, this.size);
    await page.evaluate((url) => {
      const canvas = document.body.appendChild(document.createElement('canvas'));
      new jsmpeg(new WebSocket(url), {canvas, forceCanvas2D: true, ondecodeframe: () => look(canvas)});
    }, this.url.replace('http', 'ws'));
  }

  async stop() {
    this.camera.kill();
    this.encoder.kill();
    this.sockets.clients.forEach((socket) => socket.terminate());
    this.server.closeAllConnections();
    this.server.close();
  }
}

function sizeOf({size}) {
  const [width, height] = size.split('x').map(Number);
  return {width, height};
}

async function measure(Contender, format) {
  const server = await Contender.start(format);
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-dev-shm-usage'],
  });
  try {
    const page = await browser.newPage({bypassCSP: true});
    await server.play(page);
    const seen = await seenAtLeast(page, PICTURES);
    const {offsetMs} = await offsetToMonotonic(page);
    // The first second includes the page's start-up.
    const delays = seen.slice(format.framerate)
        .filter(({capture10us}) => capture10us !== undefined)
        .map(({drawnMs, capture10us}) => millisecondsSince(capture10us, drawnMs + offsetMs));
    return distribution(delays);
  } finally {
    await browser.close();
    await server.stop();
  }
}

const contenders = {pistream: Pistream, jsmpeg1: Jsmpeg1, ffmpegChild: FfmpegChild};
const middle = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

for (const format of FORMATS) {
  const runs = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]));
  for (let run = 0; run < RUNS; ++run) {
    for (const [name, Contender] of Object.entries(contenders)) {
      runs[name].push(await measure(Contender, format));
    }
  }
  const medians = Object.fromEntries(Object.entries(runs).map(
      ([name, list]) => [name, {p50: middle(list.map(({p50}) => p50)), p95: middle(list.map(({p95}) => p95))}]));
  const ratio = (name) => ({
    p50: (medians.pistream.p50 / medians[name].p50).toFixed(2),
    p95: (medians.pistream.p95 / medians[name].p95).toFixed(2),
  });
  console.log(JSON.stringify({...format, ms: medians, toJsmpeg1: ratio('jsmpeg1'), toFfmpegChild: ratio('ffmpegChild'), runs}));
}
process.exit(0);
