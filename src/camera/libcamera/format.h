// The choice among the pixel formats that a camera offers, and where their planes are. Pure.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "src/base/result.h"
#include "src/media/pixel_layout.h"
#include "src/media/video_format.h"

namespace pistream {

// The four characters of a DRM format, the first in the lowest byte, as in libcamera::PixelFormat.
constexpr uint32_t FourCc(const char (&name)[5]) {
  return uint32_t{static_cast<uint8_t>(name[0])} | uint32_t{static_cast<uint8_t>(name[1])} << 8 |
         uint32_t{static_cast<uint8_t>(name[2])} << 16 |
         uint32_t{static_cast<uint8_t>(name[3])} << 24;
}

// Nothing for a format that cannot be read here (raw Bayer, MJPEG, 10 bits).
std::optional<PixelLayout> LayoutOf(uint32_t fourcc);

// The cheapest to convert to I420: I420 itself, then what only needs its chroma sorted, then RGB.
// Among equals the one that the camera proposes: what it offers beside that may not work (vimc's
// RGB888 on Linux 6.12). Nothing if none can be read.
std::optional<uint32_t> ChooseFormat(std::span<const uint32_t> offered, uint32_t proposed);

int PlaneCount(PixelLayout layout);

// One plane inside a buffer.
struct PlanePlace {
  size_t offset = 0;  // bytes from the start of the memory part `part`
  int part = 0;       // index into the buffer's parts
  int stride = 0;     // bytes
};

// Where the layout's planes are in a buffer of `part_lengths` bytes, whose rows of the first plane
// are `stride` bytes apart: a part for each plane, or all planes one after another in one part.
// Fails if the parts are too few or too short.
Result<std::vector<PlanePlace>> PlacePlanes(PixelLayout layout, Size size, int stride,
                                            std::span<const size_t> part_lengths);

// The frame time to set a camera to.
struct FrameTimeChoice {
  int64_t microseconds = 0;
  FrameRate framerate;    // what will be delivered
  bool throttle = false;  // the camera cannot be so slow (camera_pacer.h)
};

// A camera's shortest and longest frame time.
struct FrameTimeLimits {
  int64_t shortest_us = 0;
  int64_t longest_us = 0;
};

// A camera without limits has no such setting: it is throttled.
FrameTimeChoice ChooseFrameTime(FrameRate asked, std::optional<FrameTimeLimits> limits);

}  // namespace pistream
