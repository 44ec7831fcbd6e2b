// Writes the C++ of //web:embedded: node assets.mjs FOLDER OUT.cc

import {readFileSync, readdirSync, writeFileSync} from 'node:fs';
import path from 'node:path';

const CONTENT_TYPES = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};
const BYTES_A_LINE = 24;

function contentType(name) {
  const type = CONTENT_TYPES[path.extname(name)];
  if (type === undefined) {
    throw new Error(`${name}: no content type is known for it`);
  }
  return type;
}

function arrayOf(bytes, index) {
  const lines = [];
  for (let at = 0; at < bytes.length; at += BYTES_A_LINE) {
    lines.push(`    ${[...bytes.subarray(at, at + BYTES_A_LINE)].join(',')},`);
  }
  return `constexpr uint8_t kFile${index}[] = {\n${lines.join('\n')}\n};\n`;
}

const [folder, out] = process.argv.slice(2);
const names = readdirSync(folder).sort();
const arrays = names.map((name, index) => arrayOf(readFileSync(path.join(folder, name)), index));
const assets = names.map((name, index) => `    Asset{"/${name}", "${contentType(name)}", kFile${index}},`);

writeFileSync(out, `// Made by web/assets.mjs.
#include "web/embedded.h"

#include <array>
#include <cstdint>

namespace pistream::web {
namespace {

${arrays.join('\n')}
constexpr std::array kAssets = {
${assets.join('\n')}
};

}  // namespace

std::span<const Asset> EmbeddedAssets() { return kAssets; }

}  // namespace pistream::web
`);
