#include "web/decoder/mpeg1_decoder.h"

#include "web/decoder/kernels.h"
#include "web/decoder/picture_decoder.h"
#include "web/decoder/start_code.h"

namespace pistream {

using mpeg1::ByteSpan;
using mpeg1::FindStartCode;
using mpeg1::kStartCodeSize;

namespace {

int RoundUp(int size) {
  return (size + mpeg1::kMacroblockSize - 1) / mpeg1::kMacroblockSize * mpeg1::kMacroblockSize;
}

size_t PlanesSize(PictureSize size) {
  return mpeg1::PicturePlanesSize(RoundUp(size.width), RoundUp(size.height));
}

bool IsSlice(uint8_t code) {
  return code >= mpeg1::kFirstSliceStartCode && code <= mpeg1::kLastSliceStartCode;
}

// Whether what begins with this start code is part of the picture whose header came before: its
// slices, and user data and extensions, which mean nothing to us.
bool BelongsToPicture(const uint8_t* start_code) {
  const uint8_t code = start_code[kStartCodeSize - 1];
  return IsSlice(code) || code == mpeg1::kUserDataStartCode || code == mpeg1::kExtensionStartCode;
}

const uint8_t* NextStartCode(const uint8_t* start_code, const uint8_t* end) {
  return FindStartCode({start_code + kStartCodeSize, end});
}

}  // namespace

size_t Mpeg1Decoder::MemorySize(PictureSize size) { return 2 * PlanesSize(size); }

void Mpeg1Decoder::UseMemory(uint8_t* memory, size_t size) {
  memory_ = memory;
  memory_size_ = size;
  has_picture_ = false;
  has_reference_ = false;
}

DecodeResult Mpeg1Decoder::Decode(const uint8_t* bytes, size_t size) {
  const uint8_t* const end = bytes + size;
  const uint8_t* at = FindStartCode({bytes, end});
  while (at != end) {
    const uint8_t* const payload = at + kStartCodeSize;
    const uint8_t* next = NextStartCode(at, end);
    const uint8_t code = at[kStartCodeSize - 1];
    if (code == mpeg1::kSequenceHeaderCode) {
      if (!ReadSequenceHeader({payload, next})) {
        return {Damaged(), static_cast<size_t>(next - bytes)};
      }
      if (!HasMemory()) {
        return {DecodeStatus::kNeedsMemory, 0};
      }
    } else if (code == mpeg1::kPictureStartCode) {
      const DecodeStatus status = DecodePicture({payload, next}, next, end);
      return {status, static_cast<size_t>(next - bytes)};
    }
    at = next;
  }
  return {DecodeStatus::kNothing, size};
}

bool Mpeg1Decoder::ReadSequenceHeader(ByteSpan bytes) {
  mpeg1::SequenceHeader header;
  if (!ParseSequenceHeader(bytes, header) || header.height > kMaxHeight) {
    sequence_.width = sequence_.height = 0;
    return false;
  }
  if (header.width != sequence_.width || header.height != sequence_.height) {
    has_picture_ = false;
    has_reference_ = false;
  }
  sequence_ = header;
  return true;
}

bool Mpeg1Decoder::HasMemory() const { return MemorySize(Announced()) <= memory_size_; }

// Moves `at` from the start code after the picture's header to the one after the picture.
DecodeStatus Mpeg1Decoder::DecodePicture(ByteSpan header_bytes, const uint8_t*& at,
                                         const uint8_t* end) {
  mpeg1::PictureHeader header;
  const DecodeStatus obstacle =
      ParsePictureHeader(header_bytes, header) ? ObstacleTo(header.type) : DecodeStatus::kDamaged;
  if (obstacle != DecodeStatus::kPicture) {
    while (at != end && BelongsToPicture(at)) {
      at = NextStartCode(at, end);
    }
    return obstacle == DecodeStatus::kDamaged ? Damaged() : obstacle;
  }
  if (!DecodeSlices(header, at, end)) {
    return Damaged();
  }
  shown_index_ = 1 - shown_index_;
  shown_ = {.planes = Planes(shown_index_),
            .size = Announced(),
            .coded_size = {sequence_.coded_width(), sequence_.coded_height()}};
  has_picture_ = true;
  has_reference_ = true;
  return DecodeStatus::kPicture;
}

// Why a picture of this type cannot be decoded now; kPicture if it can.
DecodeStatus Mpeg1Decoder::ObstacleTo(mpeg1::PictureType type) const {
  if (type == mpeg1::PictureType::kPredicted) {
    return has_reference_ ? DecodeStatus::kPicture : DecodeStatus::kWaiting;
  }
  if (type != mpeg1::PictureType::kIntra) {
    return DecodeStatus::kSkipped;
  }
  if (sequence_.width == 0) {
    return DecodeStatus::kWaiting;
  }
  return HasMemory() ? DecodeStatus::kPicture : DecodeStatus::kNeedsMemory;
}

bool Mpeg1Decoder::DecodeSlices(const mpeg1::PictureHeader& header, const uint8_t*& at,
                                const uint8_t* end) {
  const mpeg1::PicturePlanes current = Planes(1 - shown_index_);
  const mpeg1::PicturePlanes reference = Planes(shown_index_);
  mpeg1::PictureDecoder decoder(sequence_, header, current, reference);
  bool good = true;
  while (at != end && BelongsToPicture(at)) {
    const uint8_t* const next = NextStartCode(at, end);
    const uint8_t code = at[kStartCodeSize - 1];
    if (good && IsSlice(code)) {
      good = decoder.DecodeSlice(code, {at + kStartCodeSize, next});
    }
    at = next;
  }
  return good && decoder.Complete();
}

DecodeStatus Mpeg1Decoder::Damaged() {
  has_reference_ = false;
  return DecodeStatus::kDamaged;
}

mpeg1::PicturePlanes Mpeg1Decoder::Planes(int index) const {
  const size_t offset = index == 0 ? 0 : PlanesSize(Announced());
  return mpeg1::MakePicturePlanes(memory_ + offset, sequence_.coded_width(),
                                  sequence_.coded_height());
}

void ConvertToRgba(const DecodedPicture& picture, uint8_t* rgba) {
  const mpeg1::PicturePlanes& planes = picture.planes;
  const auto width = static_cast<size_t>(picture.size.width);
  for (int row = 0; row < picture.size.height; ++row, rgba += 4 * width) {
    const auto y_offset = static_cast<size_t>(row) * static_cast<size_t>(planes.y_stride);
    const auto c_offset = static_cast<size_t>(row / 2) * static_cast<size_t>(planes.c_stride);
    mpeg1::ConvertRowToRgba(planes.y + y_offset, planes.cb + c_offset, planes.cr + c_offset,
                            picture.size.width, rgba);
  }
}

}  // namespace pistream
