// A decoder of MPEG-1 video for live streams: what decoder.wasm exports, and what tests and fuzz
// targets call directly.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "web/decoder/byte_span.h"
#include "web/decoder/headers.h"
#include "web/decoder/picture.h"

namespace pistream {

// The result of Mpeg1Decoder::Decode. The numbers are part of the interface to JavaScript.
enum class DecodeStatus : int {
  // A picture has been decoded; Shown() returns it.
  kPicture = 0,
  // The bytes contain no picture: only headers, user data, a sequence end code, or nothing.
  kNothing = 1,
  // A picture of a type that this decoder skips (B or D). Nothing else changes.
  kSkipped = 2,
  // A P picture whose reference is missing: there was no I picture yet, or it was damaged. Request
  // an I picture, or wait.
  kWaiting = 3,
  // A header or a picture is damaged or truncated. Shown() stays; P pictures return kWaiting until
  // the next valid I picture.
  kDamaged = 4,
  // The memory is too small for the size in a sequence header. Call UseMemory with at least
  // MemorySize(Announced()) bytes, then Decode again with the same bytes.
  kNeedsMemory = 5,
};

struct DecodeResult {
  DecodeStatus status;
  // The number of bytes used: those up to the start code after the picture. Any others belong to
  // the next picture. 0 with kNeedsMemory.
  size_t consumed;
};

// Width and height in samples.
struct PictureSize {
  int width = 0;
  int height = 0;
};

// A decoded picture: planes of the coded size (multiples of 16), of which the top left `size` is
// displayed. Y has one sample for each pixel; Cb and Cr have one for two by two pixels. BT.601,
// limited range: 16 to 235 and 16 to 240.
struct DecodedPicture {
  mpeg1::PicturePlanes planes;
  PictureSize size;
  PictureSize coded_size;
};

// Decodes MPEG-1 video (ISO/IEC 11172-2) of I and P pictures, one coded picture in each call.
//
// Memory: the caller's, given by UseMemory; the decoder allocates nothing, needs no library, and
// never reads or writes outside of that memory and the bytes it is passed, whatever these hold.
// Errors: by status; there are no exceptions. After damage the last good picture stays until the
// next good I picture. Threads: one at a time.
class Mpeg1Decoder {
 public:
  // The largest size that a sequence header can specify and slices can cover (2.4.2.6).
  static constexpr int kMaxWidth = 4095;
  static constexpr int kMaxHeight = 175 * mpeg1::kMacroblockSize;

  // The bytes that UseMemory needs for pictures of up to this size: about 3 for each pixel.
  static size_t MemorySize(PictureSize size);

  // Sets the memory, which the caller owns. Discards all pictures, so that the next one must be an
  // I picture; the last sequence header stays valid.
  void UseMemory(uint8_t* memory, size_t size);

  // Decodes the first picture in the bytes, and the headers before it: a sequence header, a GOP
  // header, user data and zero bytes may precede it. The picture must be complete. Keeps no
  // reference to `bytes`.
  DecodeResult Decode(const uint8_t* bytes, size_t size);

  // The last decoded picture, valid until the next call of Decode or UseMemory; null before the
  // first one, and after a change of size.
  const DecodedPicture* Shown() const { return has_picture_ ? &shown_ : nullptr; }

  // The size in the last valid sequence header; 0 x 0 before the first one.
  PictureSize Announced() const { return {sequence_.width, sequence_.height}; }

 private:
  using ByteSpan = mpeg1::ByteSpan;

  bool ReadSequenceHeader(ByteSpan bytes);
  bool HasMemory() const;
  DecodeStatus DecodePicture(ByteSpan header, const uint8_t*& at, const uint8_t* end);
  DecodeStatus ObstacleTo(mpeg1::PictureType type) const;
  bool DecodeSlices(const mpeg1::PictureHeader& header, const uint8_t*& at, const uint8_t* end);
  DecodeStatus Damaged();
  mpeg1::PicturePlanes Planes(int index) const;

  uint8_t* memory_ = nullptr;
  size_t memory_size_ = 0;

  mpeg1::SequenceHeader sequence_;  // Width 0: none yet, or the last one was damaged.
  // The half of the memory with the displayed picture; the next one is decoded into the other half.
  int shown_index_ = 0;
  DecodedPicture shown_;
  bool has_picture_ = false;    // Whether `shown_` is a picture.
  bool has_reference_ = false;  // Whether `shown_` is valid as a reference.
};

// Writes the picture as RGBA, 8 bits each, opaque: 4 * width * height bytes, rows without a gap.
void ConvertToRgba(const DecodedPicture& picture, uint8_t* rgba);

}  // namespace pistream
