#include "src/encode/mpeg1/picture_syntax.h"

#include <algorithm>
#include <array>
#include <iterator>

namespace pistream {
namespace {

constexpr std::array<uint8_t, 4> kPictureStartCode = {0, 0, 1, 0};
constexpr std::array<uint8_t, 4> kFirstSliceStartCode = {0, 0, 1, 1};

// Most significant bit first.
class BitWriter {
 public:
  explicit BitWriter(std::vector<uint8_t>& bytes) : bytes_(bytes) {}

  void Put(unsigned value, int bits) {
    for (int bit = bits - 1; bit >= 0; --bit) {
      if (free_ == 0) {
        bytes_.push_back(0);
        free_ = 8;
      }
      --free_;
      bytes_.back() = static_cast<uint8_t>(bytes_.back() | (((value >> bit) & 1U) << free_));
    }
  }

  void PutStartCode(const std::array<uint8_t, 4>& code) {
    bytes_.insert(bytes_.end(), code.begin(), code.end());
    free_ = 0;
  }

 private:
  std::vector<uint8_t>& bytes_;
  int free_ = 0;  // bits of the last byte
};

// macroblock_type "MC, not coded" and two motion codes of zero (tables B.2 and B.4).
void PutUnchanged(BitWriter& bits) {
  bits.Put(0b1, 1);  // macroblock_address_increment of one
  bits.Put(0b001, 3);
  bits.Put(0b11, 2);
}

}  // namespace

int MacroblockCount(Size size) { return ((size.width + 15) / 16) * ((size.height + 15) / 16); }

void WriteRepeatPicture(Size size, std::vector<uint8_t>& picture) {
  picture.clear();
  BitWriter bits(picture);
  bits.PutStartCode(kPictureStartCode);
  bits.Put(0, 10);       // temporal_reference
  bits.Put(0b010, 3);    // picture_coding_type P
  bits.Put(0xFFFF, 16);  // vbv_delay: variable rate
  bits.Put(0, 1);        // full_pel_forward_vector
  bits.Put(1, 3);        // forward_f_code
  bits.Put(0, 1);        // extra_bit_picture

  bits.PutStartCode(kFirstSliceStartCode);
  bits.Put(1, 5);  // quantizer_scale
  bits.Put(0, 1);  // extra_bit_slice
  // The first and the last macroblock of a slice must be coded. Between them each macroblock_escape
  // skips 33; the remaining ones are coded individually.
  constexpr int kEscape = 33;
  int left = MacroblockCount(size) - 1;
  PutUnchanged(bits);
  for (; left > kEscape; left -= kEscape) {
    bits.Put(0b00000001000, 11);
  }
  for (; left > 0; --left) {
    PutUnchanged(bits);
  }
}

void SetTemporalReference(std::span<uint8_t> picture, int temporal_reference) {
  const auto header = std::search(picture.begin(), picture.end(), kPictureStartCode.begin(),
                                  kPictureStartCode.end());
  if (picture.end() - header < 6) {
    return;
  }
  const auto field = header + 4;
  const auto next = std::next(field);
  *field = static_cast<uint8_t>(temporal_reference >> 2);
  *next = static_cast<uint8_t>((*next & 0x3F) | ((temporal_reference & 3) << 6));
}

}  // namespace pistream
