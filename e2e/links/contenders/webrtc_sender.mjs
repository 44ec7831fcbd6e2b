// Sends the simulated camera's frames by WebRTC: webrtc_sender.mjs WIDTH HEIGHT FRAMERATE KBIT. A line on
// stdin is a viewer, {offer, address}: the answer is a line on stdout, with candidates of that address only.

import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {createInterface} from 'node:readline';
import wrtc from '@roamhq/wrtc';

const [width, height, framerate, kbit] = process.argv.slice(2).map(Number);
const source = new wrtc.nonstandard.RTCVideoSource();
const track = source.createTrack();
const connections = [];

const camera = spawn(process.env.RAW_VIDEO, [`${width}x${height}`, String(framerate)], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
let frame = new Uint8ClampedArray(width * height * 3 / 2);
let filled = 0;
camera.stdout.on('data', (bytes) => {
  for (let at = 0; at < bytes.length;) {
    const part = bytes.subarray(at, at + frame.length - filled);
    frame.set(part, filled);
    filled += part.length;
    at += part.length;
    if (filled === frame.length) {
      source.onFrame({width, height, data: frame});
      frame = new Uint8ClampedArray(frame.length);
      filled = 0;
    }
  }
});

async function answer({offer, address}) {
  const connection = new wrtc.RTCPeerConnection();
  connections.push(connection);
  await connection.setRemoteDescription({...offer, sdp: withBandwidth(offer.sdp)});
  connection.addTrack(track);
  await connection.setLocalDescription(await connection.createAnswer());
  while (connection.iceGatheringState !== 'complete') {
    await once(connection, 'icegatheringstatechange');
  }
  return {type: 'answer', sdp: withOnly(address, connection.localDescription.sdp)};
}

// The most that the viewer wants, since this library's setParameters() accepts nothing.
const withBandwidth = (sdp) => sdp.replace(/^c=.*\r\n/m, `$&b=TIAS:${1000 * kbit}\r\n`);

// The fifth word of a candidate is its address.
function withOnly(address, sdp) {
  const isOther = (line) => line.startsWith('a=candidate:') && line.split(' ')[4] !== address;
  return sdp.split('\r\n').filter((line) => !isOther(line)).join('\r\n');
}

const say = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);

say({ready: true});
for await (const line of createInterface({input: process.stdin})) {
  say(await answer(JSON.parse(line)));
}
camera.kill();
connections.forEach((connection) => connection.close());
process.exit(0);
