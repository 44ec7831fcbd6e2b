#!/bin/bash
# What the page loads, in node: wasm_modules_test.sh DECODER.wasm SCALAR.wasm STREAM...
set -eu
DECODER=$1 SCALAR=$2 STREAMS="${*:3}" exec node --test tests/unit/web_decoder/wasm_modules.test.mjs
