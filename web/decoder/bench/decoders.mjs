// The decoders that the benchmark compares, behind one interface: decode(picture) -> whether it gave a picture.
// Runs in node and in browsers.

// pistream's decoder, from the bytes of its .wasm.
export async function openPistream(wasm) {
  const {instance} = await WebAssembly.instantiate(wasm);
  const d = instance.exports;
  const NEEDS_MEMORY = 5;
  const decode = (picture) => {
    new Uint8Array(d.memory.buffer, d.decoder_input(), picture.length).set(picture);
    const status = d.decoder_decode(0, picture.length);
    if (status === NEEDS_MEMORY) {
      d.decoder_reserve(d.decoder_announced_width(), d.decoder_announced_height());
      return decode(picture);
    }
    return status === 0;
  };
  d.decoder_reserve(16, 16);
  return {
    decode,
    // A function that draws the last picture.
    drawTo(canvas) {
      const context = canvas.getContext('2d', {alpha: false});
      return () => {
        const width = d.decoder_width();
        const height = d.decoder_height();
        if (canvas.width !== width) canvas.width = width;
        if (canvas.height !== height) canvas.height = height;
        const pixels =
            new Uint8ClampedArray(d.memory.buffer, d.decoder_convert(), 4 * width * height);
        context.putImageData(new ImageData(pixels, width), 0, 0);
      };
    },
  };
}

function base64(text) {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

// Sizes from the `dylink` section of a module made by emscripten as a side module.
function readDylink(wasm) {
  let at = 9;
  const number = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = wasm[at++];
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  number();
  at += 7;  // "\x06dylink"
  return {memory: number(), alignment: number(), table: number()};
}

// JSMpeg's WebAssembly decoder, from the text of @cycjimmy/jsmpeg-player's dist/jsmpeg-player.esm.js.
export async function openJsmpeg(script) {
  const wasm = base64(/WASM_BINARY = ['"]([A-Za-z0-9+/=]+)['"]/.exec(script)[1]);
  const sizes = readDylink(wasm);
  const memory = new WebAssembly.Memory({initial: 256});
  const align = 2 ** sizes.alignment;
  let top = Math.ceil((sizes.memory + 5 * 1024 * 1024) / align) * align;
  const fail = () => {
    throw new Error('JSMpeg stopped');
  };
  const {instance} = await WebAssembly.instantiate(wasm, {
    env: {
      memory,
      memoryBase: 0,
      __memory_base: 0,
      table: new WebAssembly.Table({initial: sizes.table, element: 'anyfunc'}),
      tableBase: 0,
      __table_base: 0,
      abort: fail,
      ___assert_fail: fail,
      _sbrk(size) {
        const previous = top;
        top += size;
        const missing = top - memory.buffer.byteLength;
        if (missing > 0) memory.grow(Math.ceil(missing / 65536));
        return previous;
      },
    },
  });
  const d = instance.exports;
  d.__post_instantiate?.();
  const EVICT = 1;
  const decoder = d._mpeg1_decoder_create(2 * 1024 * 1024, EVICT);
  return {
    // The same, by JSMpeg's own renderer, `new Canvas2D`.
    drawTo(canvas, Canvas2D) {
      const renderer = new Canvas2D({canvas});
      const plane = (begin, length) => new Uint8Array(memory.buffer, begin, length);
      return () => {
        const width = d._mpeg1_decoder_get_width(decoder);
        const height = d._mpeg1_decoder_get_height(decoder);
        if (renderer.width !== width || renderer.height !== height) renderer.resize(width, height);
        const size = d._mpeg1_decoder_get_coded_size(decoder);
        renderer.render(plane(d._mpeg1_decoder_get_y_ptr(decoder), size),
                        plane(d._mpeg1_decoder_get_cr_ptr(decoder), size >> 2),
                        plane(d._mpeg1_decoder_get_cb_ptr(decoder), size >> 2));
      };
    },
    decode(picture) {
      const to = d._mpeg1_decoder_get_write_ptr(decoder, picture.length);
      new Uint8Array(memory.buffer, to, picture.length).set(picture);
      d._mpeg1_decoder_did_write(decoder, picture.length);
      return d._mpeg1_decoder_decode(decoder) !== 0;
    },
  };
}

// The pictures of an elementary stream, each with the headers in front of it.
export function splitPictures(stream) {
  const pictures = [];
  let begin = 0;
  let inPicture = false;
  for (let at = 0; at + 3 < stream.length; ++at) {
    if (stream[at] !== 0 || stream[at + 1] !== 0 || stream[at + 2] !== 1) continue;
    const code = stream[at + 3];
    const header = code === 0x00 || code === 0xb3 || code === 0xb8;
    if (header && inPicture) {
      pictures.push(stream.subarray(begin, at));
      begin = at;
      inPicture = false;
    }
    if (code === 0x00) inPicture = true;
  }
  pictures.push(stream.subarray(begin));
  return pictures;
}

// Pictures a second; `seconds` long.
export function measure(decoder, pictures, seconds) {
  let decoded = 0;
  const begin = performance.now();
  let elapsed;
  do {
    for (const picture of pictures) decoded += decoder.decode(picture) ? 1 : 0;
    elapsed = (performance.now() - begin) / 1000;
  } while (elapsed < seconds);
  return decoded / elapsed;
}

// The same, each picture drawn by `draw`. What the compositor does with it is not in it.
export function measureDrawn(decoder, draw, pictures, seconds) {
  const decode = (picture) => {
    const decoded = decoder.decode(picture);
    if (decoded) draw();
    return decoded;
  };
  return measure({decode}, pictures, seconds);
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}
