#include "src/wire/picture_message.h"

#include <chrono>

#include "src/base/bytes.h"

namespace pistream::wire {
namespace {

constexpr uint8_t kVersion = 1;
constexpr uint8_t kIntraCoded = 1;
constexpr uint8_t kPredictiveCoded = 2;
// In the low byte of the flags.
constexpr uint8_t kDiscontinuityFlag = 0x01;
constexpr uint8_t kRepeatsFlag = 0x02;

constexpr size_t kTypeOffset = 1;
constexpr size_t kFlagsOffset = 2;
constexpr size_t kSequenceOffset = 8;
constexpr size_t kCapturedOffset = 16;
constexpr size_t kSentOffset = 24;

void WriteUint64(std::span<uint8_t> bytes, size_t offset, uint64_t value) {
  WriteBigEndian(bytes.subspan(offset, sizeof value), value);
}

uint64_t ReadUint64(std::span<const uint8_t> bytes, size_t offset) {
  return ReadBigEndian(bytes.subspan(offset, sizeof(uint64_t)));
}

uint64_t ToNanoseconds(SteadyTime time) {
  return static_cast<uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count());
}

SteadyTime FromNanoseconds(uint64_t nanoseconds) {
  return SteadyTime(std::chrono::nanoseconds(static_cast<int64_t>(nanoseconds)));
}

}  // namespace

std::array<uint8_t, kPictureHeaderSize> MakePictureHeader(const PictureHeader& header) {
  std::array<uint8_t, kPictureHeaderSize> bytes{};
  bytes[0] = kVersion;
  bytes[kTypeOffset] = header.type == PictureType::kIntra ? kIntraCoded : kPredictiveCoded;
  bytes[kFlagsOffset + 1] = static_cast<uint8_t>((header.discontinuity ? kDiscontinuityFlag : 0) |
                                                 (header.repeats ? kRepeatsFlag : 0));
  WriteUint64(bytes, kSequenceOffset, header.sequence);
  WriteUint64(bytes, kCapturedOffset, ToNanoseconds(header.captured));
  WriteUint64(bytes, kSentOffset, ToNanoseconds(header.sent));
  return bytes;
}

std::optional<PictureHeader> ParsePictureHeader(std::span<const uint8_t> bytes) {
  if (bytes.size() < kPictureHeaderSize || bytes[0] != kVersion ||
      (bytes[kTypeOffset] != kIntraCoded && bytes[kTypeOffset] != kPredictiveCoded)) {
    return std::nullopt;
  }
  return PictureHeader{
      .type = bytes[kTypeOffset] == kIntraCoded ? PictureType::kIntra : PictureType::kPredicted,
      .discontinuity = (bytes[kFlagsOffset + 1] & kDiscontinuityFlag) != 0,
      .repeats = (bytes[kFlagsOffset + 1] & kRepeatsFlag) != 0,
      .sequence = ReadUint64(bytes, kSequenceOffset),
      .captured = FromNanoseconds(ReadUint64(bytes, kCapturedOffset)),
      .sent = FromNanoseconds(ReadUint64(bytes, kSentOffset)),
  };
}

}  // namespace pistream::wire
