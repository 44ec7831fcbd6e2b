// A range of bytes that somebody else owns.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace pistream::mpeg1 {

// Bytes owned by someone else. (The decoder is built without a standard library for the browser.)
struct ByteSpan {
  const uint8_t* begin = nullptr;
  const uint8_t* end = nullptr;

  size_t size() const { return static_cast<size_t>(end - begin); }
};

}  // namespace pistream::mpeg1
