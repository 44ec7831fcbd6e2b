#include "src/camera/libcamera/format.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace pistream {
namespace {

// The cost of converting to I420.
enum class Cost { kNothing, kPlanesExchanged, kChromaSorted, kChromaAveraged, kColoursConverted };

struct Known {
  uint32_t fourcc;
  PixelLayout layout;
  Cost cost;
};

// In the order of preference.
constexpr std::array kKnown{
    Known{FourCc("YU12"), PixelLayout::kI420, Cost::kNothing},
    Known{FourCc("YV12"), PixelLayout::kYv12, Cost::kPlanesExchanged},
    Known{FourCc("NV12"), PixelLayout::kNv12, Cost::kChromaSorted},
    Known{FourCc("NV21"), PixelLayout::kNv21, Cost::kChromaSorted},
    Known{FourCc("YUYV"), PixelLayout::kYuyv, Cost::kChromaAveraged},
    Known{FourCc("UYVY"), PixelLayout::kUyvy, Cost::kChromaAveraged},
    Known{FourCc("RG24"), PixelLayout::kBgr24, Cost::kColoursConverted},
    Known{FourCc("BG24"), PixelLayout::kRgb24, Cost::kColoursConverted},
    Known{FourCc("XR24"), PixelLayout::kBgrx, Cost::kColoursConverted},
    Known{FourCc("XB24"), PixelLayout::kRgbx, Cost::kColoursConverted},
};

struct PlaneShape {
  int stride;
  int row_bytes;  // of pixels: the last row may end there
  int rows;
};

std::vector<PlaneShape> ShapesOf(PixelLayout layout, Size size, int stride) {
  const int half_rows = size.height / 2;
  switch (layout) {
    case PixelLayout::kI420:
    case PixelLayout::kYv12:
      return {{stride, size.width, size.height},
              {stride / 2, size.width / 2, half_rows},
              {stride / 2, size.width / 2, half_rows}};
    case PixelLayout::kNv12:
    case PixelLayout::kNv21:
      return {{stride, size.width, size.height}, {stride, size.width, half_rows}};
    case PixelLayout::kYuyv:
    case PixelLayout::kUyvy:
      return {{stride, size.width * 2, size.height}};
    case PixelLayout::kBgr24:
    case PixelLayout::kRgb24:
      return {{stride, size.width * 3, size.height}};
    case PixelLayout::kBgrx:
    case PixelLayout::kRgbx:
      return {{stride, size.width * 4, size.height}};
  }
  return {};
}

size_t Product(int a, int b) { return static_cast<size_t>(a) * static_cast<size_t>(b); }

size_t BytesNeeded(const PlaneShape& shape) {
  return Product(shape.stride, shape.rows - 1) + static_cast<size_t>(shape.row_bytes);
}

// A whole number if the time is one rounded to microseconds: 16666 us are 60 a second.
FrameRate RateOf(int64_t frame_time_us) {
  constexpr int kMicrosecondsPerSecond = 1'000'000;
  const double rate = 1e6 / static_cast<double>(frame_time_us);
  if (std::abs(rate - std::round(rate)) * 200 < rate && rate >= 1) {
    return {static_cast<int>(std::lround(rate)), 1};
  }
  const int time = static_cast<int>(frame_time_us);
  const int divisor = std::gcd(kMicrosecondsPerSecond, time);
  return {kMicrosecondsPerSecond / divisor, time / divisor};
}

}  // namespace

std::optional<PixelLayout> LayoutOf(uint32_t fourcc) {
  const auto* const known = std::ranges::find(kKnown, fourcc, &Known::fourcc);
  return known == kKnown.end() ? std::nullopt : std::optional(known->layout);
}

std::optional<uint32_t> ChooseFormat(std::span<const uint32_t> offered, uint32_t proposed) {
  const auto is_offered = [&](const Known& known) {
    return std::ranges::find(offered, known.fourcc) != offered.end();
  };
  const auto* const first = std::ranges::find_if(kKnown, is_offered);
  if (first == kKnown.end()) {
    return std::nullopt;
  }
  const auto* const own = std::ranges::find(kKnown, proposed, &Known::fourcc);
  const bool as_cheap = own != kKnown.end() && is_offered(*own) && own->cost == first->cost;
  return as_cheap ? proposed : first->fourcc;
}

int PlaneCount(PixelLayout layout) { return static_cast<int>(ShapesOf(layout, {}, 0).size()); }

Result<std::vector<PlanePlace>> PlacePlanes(PixelLayout layout, Size size, int stride,
                                            std::span<const size_t> part_lengths) {
  const std::vector<PlaneShape> shapes = ShapesOf(layout, size, stride);
  if (part_lengths.size() != shapes.size() && part_lengths.size() != 1) {
    return Fail("the camera's buffers have {} parts for {} planes", part_lengths.size(),
                shapes.size());
  }
  std::vector<PlanePlace> places;
  const bool in_one_part = part_lengths.size() == 1;
  size_t offset = 0;
  for (size_t plane = 0; plane < shapes.size(); ++plane) {
    const PlaneShape& shape = shapes[plane];
    const size_t part = in_one_part ? 0 : plane;
    if (shape.stride < shape.row_bytes || offset + BytesNeeded(shape) > part_lengths[part]) {
      return Fail("the camera's buffers are too small for {} (plane {}: {} bytes, stride {})",
                  ToString(size), plane, part_lengths[part], shape.stride);
    }
    places.push_back({offset, static_cast<int>(part), shape.stride});
    offset += in_one_part ? Product(shape.stride, shape.rows) : 0;
  }
  return places;
}

FrameTimeChoice ChooseFrameTime(FrameRate asked, std::optional<FrameTimeLimits> limits) {
  const int64_t asked_us = std::llround(1e6 * asked.denominator / asked.numerator);
  if (!limits || limits->shortest_us <= 0 || limits->longest_us < limits->shortest_us) {
    return {asked_us, asked, true};
  }
  const int64_t chosen_us = std::clamp(asked_us, limits->shortest_us, limits->longest_us);
  // Limits are rounded to the sensor's lines: half a percent off is still the requested rate.
  if (std::abs(chosen_us - asked_us) * 200 <= asked_us) {
    return {chosen_us, asked, false};
  }
  if (chosen_us < asked_us) {
    return {chosen_us, asked, true};
  }
  return {chosen_us, RateOf(chosen_us), false};
}

}  // namespace pistream
