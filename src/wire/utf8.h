// Incremental check of UTF-8.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace pistream::wire {

// RFC 3629: no overlong form, no surrogate, nothing above U+10FFFF.
class Utf8Checker {
 public:
  // False at the first byte that cannot be part of UTF-8 text; after that, only Reset() may be
  // called.
  bool Add(uint8_t byte);

  // Whether the text so far does not end inside a character.
  bool IsComplete() const { return missing_ == 0; }

  void Reset() { *this = Utf8Checker(); }

 private:
  int missing_ = 0;        // continuation bytes of the current character
  uint8_t lowest_ = 0x80;  // of the next continuation byte
  uint8_t highest_ = 0xBF;
};

// `text`, truncated to `maximum_bytes` at the end of a character. Precondition: it is UTF-8.
std::string_view CutUtf8(std::string_view text, size_t maximum_bytes);

}  // namespace pistream::wire
