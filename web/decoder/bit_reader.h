// Reading single bits of a coded picture. Used by one thread, on bytes that outlive the reader.
#pragma once

#include <stdint.h>

#include "web/decoder/byte_span.h"

namespace pistream::mpeg1 {

// Reads bits, most significant first, from bytes that it does not own. It never reads outside of
// them: after the last byte it returns zeros, which are not a valid variable-length code of MPEG-1
// for long; `Overrun` returns whether it has read past the end.
//
// A reader is four words: hot loops copy it to a local variable, so that the compiler keeps it in
// registers.
class BitReader {
 public:
  BitReader() = default;
  explicit BitReader(ByteSpan bytes) : next_(bytes.begin), end_(bytes.end) {}

  // Makes at least 33 bits available to Peek and Skip.
  void Refill() {
    if (available_ > 32) {
      return;
    }
    if (end_ - next_ >= 4) [[likely]] {
      window_ |= static_cast<uint64_t>(NextWord()) << (32 - available_);
      next_ += 4;
      available_ += 32;
    } else {
      RefillNearEnd();
    }
  }

  // The next `count` bits (1 to 32), which stay where they are.
  uint32_t Peek(int count) const { return static_cast<uint32_t>(window_ >> (64 - count)); }

  // The bit that `Peek(position)` ends with (1 to 32).
  uint32_t PeekBit(int position) const {
    return static_cast<uint32_t>(window_ >> (64 - position)) & 1;
  }

  void Skip(int count) {
    window_ <<= count;
    available_ -= count;
  }

  // Refills, and takes `count` bits (1 to 32).
  uint32_t Read(int count) {
    Refill();
    const uint32_t bits = Peek(count);
    Skip(count);
    return bits;
  }

  // Whether bits after the last byte have been taken.
  bool Overrun() const { return available_ < padding_; }

 private:
  uint32_t NextWord() const {
    uint32_t word;
    __builtin_memcpy(&word, next_, sizeof(word));
    return __builtin_bswap32(word);
  }

  void RefillNearEnd() {
    while (available_ <= 32) {
      if (next_ < end_) {
        window_ |= static_cast<uint64_t>(*next_++) << (56 - available_);
      } else {
        padding_ += 8;
      }
      available_ += 8;
    }
  }

  uint64_t window_ = 0;  // The next bits, from the top; zeros below `available_`.
  int available_ = 0;    // Valid bits in the window, padding included.
  int padding_ = 0;      // Zero bits added so far after the last byte.
  const uint8_t* next_ = nullptr;
  const uint8_t* end_ = nullptr;
};

}  // namespace pistream::mpeg1
