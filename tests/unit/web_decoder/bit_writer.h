#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace pistream::test {

// Puts bits together, most significant first.
class BitWriter {
 public:
  void Put(int value, int count) {
    for (int bit = count - 1; bit >= 0; --bit) PutBit(((value >> bit) & 1) != 0);
  }

  // A code as the standard prints it.
  void PutCode(std::string_view code) {
    for (const char digit : code) {
      if (digit != ' ') PutBit(digit == '1');
    }
  }

  // Zeros up to the next whole byte.
  void Align() { used_ = 0; }

  // Aligns, and gives away what has been written.
  std::vector<uint8_t> Take() {
    Align();
    return std::exchange(bytes_, {});
  }

 private:
  void PutBit(bool bit) {
    if (used_ == 0) bytes_.push_back(0);
    bytes_.back() = static_cast<uint8_t>(bytes_.back() | (bit ? 0x80 >> used_ : 0));
    used_ = (used_ + 1) % 8;
  }

  std::vector<uint8_t> bytes_;
  int used_ = 0;  // Bits of the last byte; 0: all.
};

}  // namespace pistream::test
