// JSMpeg's relay: ffmpeg's MPEG-TS in arbitrary pieces to all WebSocket clients, however far behind they
// are: jsmpeg_relay.mjs WIDTH HEIGHT FRAMERATE KBIT. A line on stdin asks how much it holds for them.

import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {createServer} from 'node:http';
import {createInterface} from 'node:readline';
import {WebSocketServer} from 'ws';

const [width, height, framerate, kbit] = process.argv.slice(2);
const size = `${width}x${height}`;

const server = createServer((request, response) => response.end('<!DOCTYPE html>')).listen(0, '0.0.0.0');
await once(server, 'listening');
const sockets = new WebSocketServer({server, perMessageDeflate: false});

const camera = spawn(process.env.RAW_VIDEO, [size, framerate], {stdio: ['ignore', 'pipe', 'inherit']});
const encoder = spawn('ffmpeg', [
  '-loglevel', 'error', '-f', 'rawvideo', '-pix_fmt', 'yuv420p', '-s', size, '-r', framerate, '-i', '-',
  '-f', 'mpegts', '-codec:v', 'mpeg1video', '-b:v', `${kbit}k`, '-bf', '0', '-muxdelay', '0.001', '-',
], {stdio: [camera.stdout, 'pipe', 'inherit']});
encoder.stdout.on('data', (bytes) => sockets.clients.forEach((socket) => socket.send(bytes)));

const say = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);

say({port: server.address().port});
for await (const _ of createInterface({input: process.stdin})) {
  say({heldBytes: [...sockets.clients].map(({bufferedAmount}) => bufferedAmount)});
}
camera.kill();
encoder.kill();
process.exit(0);
