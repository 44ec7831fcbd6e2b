// A range of bytes that it does not own, instead of std::span: for the browser the decoder is built
// without a standard library.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace pistream::mpeg1 {

struct ByteSpan {
  const uint8_t* begin = nullptr;
  const uint8_t* end = nullptr;

  size_t size() const { return static_cast<size_t>(end - begin); }
};

}  // namespace pistream::mpeg1
