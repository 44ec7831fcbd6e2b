// The memory layout and the colour space of a camera's pixels.
#pragma once

#include <cstdint>

namespace pistream {

// Named by the order of the bytes in memory, not by libcamera's or V4L2's names: libcamera's RGB888
// is B, G, R in memory.
enum class PixelLayout : uint8_t {
  kI420,
  kYv12,
  kNv12,
  kNv21,
  kYuyv,
  kUyvy,
  kBgr24,
  kRgb24,
  kBgrx,
  kRgbx
};

enum class ColorRange : uint8_t { kLimited, kFull };
enum class ColorMatrix : uint8_t { kBt601, kBt709 };

// Of a YUV layout. RGB layouts have none: they are full range.
struct ColorSpace {
  ColorRange range = ColorRange::kLimited;
  ColorMatrix matrix = ColorMatrix::kBt601;

  bool operator==(const ColorSpace&) const = default;
};

}  // namespace pistream
