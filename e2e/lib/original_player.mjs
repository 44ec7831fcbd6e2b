// The original player (npm jsmpeg 1.0.0) in a page, fed by the test, so that messages arrive at exact points
// between animation frames, which a network cannot reproduce.

import {readFile} from 'node:fs/promises';
import {createRequire} from 'node:module';
import {installStampReader} from './watch.mjs';

const PLAYER = createRequire(import.meta.url).resolve('jsmpeg/jsmpg.js');

/** Loads the player in an empty page. */
export async function openOriginalPlayer(page) {
  await page.addScriptTag({content: await readFile(PLAYER, 'utf8')});
  await installStampReader(page);
}

/**
 * Feeds groups of messages to a new player, one group between two animation frames. Resolves to an array for
 * each group: {frame, hash} of each drawing.
 */
export async function feed(page, groups) {
  const encoded = groups.map((group) => group.map((message) => message.toString('base64')));
  return page.evaluate(feedInPage, encoded);
}

async function feedInPage(groups) {
  const nextFrame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  const bytesOf = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const look = (canvas) => {
    const {data} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    let hash = 0x811c9dc5;
    for (const pixel of new Uint32Array(data.buffer)) {
      hash = Math.imul(hash ^ pixel, 0x01000193);
    }
    return {frame: readStamp({data, width: canvas.width}, canvas.width, canvas.height)?.frame, hash};
  };
  // The interface of a WebSocket that the player uses, without a connection.
  const socket = Object.create(WebSocket.prototype, Object.fromEntries(
      ['onopen', 'onmessage', 'binaryType'].map((name) => [name, {value: null, writable: true}])));
  const drawn = [];
  const options = {
    canvas: document.createElement('canvas'),
    forceCanvas2D: true,
    ondecodeframe: (player, canvas) => drawn.push(look(canvas)),
  };
  new jsmpeg(socket, options);
  socket.onopen();
  const result = [];
  for (const group of groups) {
    await nextFrame();
    group.map(bytesOf).forEach((bytes) => socket.onmessage({data: bytes.buffer}));
    // After the player's callbacks, which were requested before this one.
    await nextFrame();
    result.push(drawn.splice(0));
  }
  return result;
}
