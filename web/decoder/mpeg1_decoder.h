// A decoder of MPEG-1 video for live streams: what decoder.wasm exports, and what tests and fuzz
// targets call directly.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "web/decoder/byte_span.h"
#include "web/decoder/headers.h"
#include "web/decoder/picture.h"

namespace pistream {

// What Mpeg1Decoder::Decode found. The numbers are part of the interface to JavaScript.
enum class DecodeStatus : int {
  // A picture has been decoded; Shown() is it.
  kPicture = 0,
  // The bytes held no picture: headers, user data, a sequence end code, or nothing.
  kNothing = 1,
  // A picture that this decoder leaves out by rule (B or D). Nothing else changes.
  kSkipped = 2,
  // A P picture whose reference is missing: no I picture yet, or damage before it. Ask for an I
  // picture, or wait.
  kWaiting = 3,
  // A header or a picture is damaged or cut off. Shown() stays; P pictures are kWaiting up to the
  // next good I picture.
  kDamaged = 4,
  // A sequence header announces a size for which the memory is too small. Call UseMemory with
  // MemorySize(Announced()) bytes or more, then Decode with the same bytes again.
  kNeedsMemory = 5,
};

struct DecodeResult {
  DecodeStatus status;
  // How many of the bytes were used: those up to the start code after the picture. If there are
  // more, they belong to the next picture. 0 with kNeedsMemory.
  size_t consumed;
};

// Width and height in samples.
struct PictureSize {
  int width = 0;
  int height = 0;
};

// A decoded picture: planes of the coded size (multiples of 16), of which the top left `size` is to
// be shown. Y has one sample a pixel; Cb and Cr have one for two by two. Range and matrix are those
// of BT.601, 16 to 235 and 16 to 240.
struct DecodedPicture {
  mpeg1::PicturePlanes planes;
  PictureSize size;
  PictureSize coded_size;
};

// Decodes MPEG-1 video (ISO/IEC 11172-2) made of I and P pictures, as it comes over a network: one
// coded picture a call.
//
// Memory: the caller's, given by UseMemory; the decoder allocates nothing, needs no library, and
// never reads or writes outside of that memory and the bytes it is passed, whatever these hold.
// Errors: by status; there are no exceptions. After damage the last good picture stays until the
// next good I picture. Threads: one at a time.
class Mpeg1Decoder {
 public:
  // The largest size that a sequence header can name and slices can cover (2.4.2.6).
  static constexpr int kMaxWidth = 4095;
  static constexpr int kMaxHeight = 175 * mpeg1::kMacroblockSize;

  // Bytes to be given to UseMemory for pictures of up to this size: about 3 a pixel.
  static size_t MemorySize(PictureSize size);

  // Uses `memory` from now on, of which the caller keeps ownership. Forgets all pictures, so that
  // the next must be an I picture; the sequence header last seen stays in force.
  void UseMemory(uint8_t* memory, size_t size);

  // Decodes the first picture in the bytes, or what precedes it. The picture must be whole; a
  // sequence header, a group header, user data and zero bytes may precede it. `bytes` is not kept.
  DecodeResult Decode(const uint8_t* bytes, size_t size);

  // The picture decoded last, valid until the next call of Decode or UseMemory; null before the
  // first one, and after a change of size.
  const DecodedPicture* Shown() const { return has_picture_ ? &shown_ : nullptr; }

  // The size in the last good sequence header; 0 x 0 before it.
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
  // Which half of the memory holds the picture shown; the other is decoded into.
  int shown_index_ = 0;
  DecodedPicture shown_;
  bool has_picture_ = false;    // `shown_` is one.
  bool has_reference_ = false;  // It may be predicted from.
};

// Writes the picture as RGBA, 8 bits each, opaque: 4 * width * height bytes, rows without a gap.
void ConvertToRgba(const DecodedPicture& picture, uint8_t* rgba);

}  // namespace pistream
