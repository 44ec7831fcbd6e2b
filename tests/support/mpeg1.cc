#include "tests/support/mpeg1.h"

#include <algorithm>
#include <cstring>

namespace pistream::wire {
namespace {

constexpr size_t kPrefixBytes = 3;                    // 00 00 01
constexpr size_t kStartCodeBytes = kPrefixBytes + 1;  // and the code
constexpr uint8_t kFirstSlice = 0x01;
constexpr uint8_t kLastSlice = 0xAF;

constexpr bool Is(uint8_t code, StartCode which) { return code == static_cast<uint8_t>(which); }

// 2.4.2.3. `fields` is what lies between this start code and the next, as in all functions below.
std::optional<Size> ReadSequenceHeader(std::span<const uint8_t> fields) {
  constexpr size_t kFixedBytes = 8;
  constexpr size_t kMatrixBytes = 64;
  if (fields.size() < kFixedBytes || (fields[6] & 0x20) == 0) {  // the marker bit
    return std::nullopt;
  }
  size_t needed = kFixedBytes;
  const bool own_intra_matrix = (fields[7] & 0x02) != 0;
  if (own_intra_matrix) {
    needed += kMatrixBytes;
    if (fields.size() < needed) {
      return std::nullopt;
    }
  }
  // The second flag follows the first matrix bit by bit: it ends the byte either way.
  const bool own_inter_matrix = (fields[needed - 1] & 0x01) != 0;
  if (own_inter_matrix) {
    needed += kMatrixBytes;
  }
  const Size size{fields[0] << 4 | fields[1] >> 4, (fields[1] & 0x0F) << 8 | fields[2]};
  if (fields.size() < needed || size.width == 0 || size.height == 0) {
    return std::nullopt;
  }
  return size;
}

// 2.4.2.4: time code (its marker bit is the 13th), closed_gop, broken_link.
bool IsGroupHeader(std::span<const uint8_t> fields) {
  return fields.size() >= 4 && (fields[1] & 0x08) != 0;
}

struct PictureFields {
  int temporal_reference = 0;
  PictureType type = PictureType::kIntra;
};

// 2.4.2.5: temporal_reference 10 bits, type 3, vbv_delay 16; P: full_pel 1, forward_f_code 3.
std::optional<PictureFields> ReadPictureHeader(std::span<const uint8_t> fields) {
  constexpr int kIntraCoded = 1;
  constexpr int kPredictiveCoded = 2;
  if (fields.size() < 4) {
    return std::nullopt;
  }
  const int temporal_reference = fields[0] << 2 | fields[1] >> 6;
  const int type = fields[1] >> 3 & 0x07;
  if (type == kIntraCoded) {
    return PictureFields{temporal_reference, PictureType::kIntra};
  }
  const bool is_predicted = type == kPredictiveCoded && fields.size() >= 5;
  if (!is_predicted ||
      ((fields[3] & 0x03) == 0 && (fields[4] & 0x80) == 0)) {  // f_code 0 is forbidden
    return std::nullopt;
  }
  return PictureFields{temporal_reference, PictureType::kPredicted};
}

// Takes a picture's parts in the order of 2.4.2.2 and 2.4.2.3; any other order is refused.
class PictureReader {
 public:
  bool Take(uint8_t code, std::span<const uint8_t> fields) {
    if (Is(code, StartCode::kSequenceHeader)) {
      summary_.size = ReadSequenceHeader(fields);
      return Advance(Stage::kStart, Stage::kSequence) && summary_.size.has_value();
    }
    if (Is(code, StartCode::kGroupOfPictures)) {
      return Advance(Stage::kSequence, Stage::kGroup) && IsGroupHeader(fields);
    }
    if (Is(code, StartCode::kPicture)) {
      return TakePicture(fields);
    }
    if (Is(code, StartCode::kExtension) || Is(code, StartCode::kUserData)) {
      return stage_ != Stage::kStart && stage_ != Stage::kSlices;
    }
    return code >= kFirstSlice && code <= kLastSlice && TakeSlice(code, fields);
  }

  std::optional<PictureSummary> Finish() const {
    return stage_ == Stage::kSlices ? std::optional(summary_) : std::nullopt;
  }

 private:
  enum class Stage { kStart, kSequence, kGroup, kPicture, kSlices };

  bool Advance(Stage from, Stage to) {
    const bool in_order = stage_ == from;
    stage_ = to;
    return in_order;
  }

  bool TakePicture(std::span<const uint8_t> fields) {
    const bool after_group = stage_ == Stage::kGroup;
    const auto header = ReadPictureHeader(fields);
    if (!header || (!after_group && stage_ != Stage::kStart)) {
      return false;
    }
    stage_ = Stage::kPicture;
    summary_.type = header->type;
    summary_.temporal_reference = header->temporal_reference;
    // A group's first coded picture is an I picture (2.4.1).
    return !after_group || header->type == PictureType::kIntra;
  }

  bool TakeSlice(uint8_t row, std::span<const uint8_t> fields) {
    const bool in_order = (stage_ == Stage::kPicture || stage_ == Stage::kSlices) && row >= row_;
    stage_ = Stage::kSlices;
    row_ = row;
    ++summary_.slices;
    return in_order && !fields.empty();
  }

  Stage stage_ = Stage::kStart;
  uint8_t row_ = 0;
  PictureSummary summary_;
};

}  // namespace

std::optional<FoundStartCode> FindStartCode(std::span<const uint8_t> bytes, size_t from) {
  // memchr for the one byte of the prefix that is rare in coded video, then a look back.
  size_t at = from + kPrefixBytes - 1;
  while (at + 1 < bytes.size()) {
    const void* const found = std::memchr(&bytes[at], 0x01, bytes.size() - 1 - at);
    if (found == nullptr) {
      break;
    }
    at = static_cast<size_t>(static_cast<const uint8_t*>(found) - bytes.data());
    if (bytes[at - 1] == 0 && bytes[at - 2] == 0) {
      return FoundStartCode{at - 2, bytes[at + 1]};
    }
    ++at;
  }
  return std::nullopt;
}

std::optional<PictureSummary> SummarizePicture(std::span<const uint8_t> bytes) {
  auto part = FindStartCode(bytes);
  if (!part || part->offset != 0) {
    return std::nullopt;
  }
  PictureReader reader;
  while (part) {
    const size_t begin = part->offset + kStartCodeBytes;
    const auto next = FindStartCode(bytes, begin);
    const size_t end = next ? next->offset : bytes.size();
    if (!reader.Take(part->code, bytes.subspan(begin, end - begin))) {
      return std::nullopt;
    }
    part = next;
  }
  return reader.Finish();
}

}  // namespace pistream::wire
