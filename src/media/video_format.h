// The shape and pace of video.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "src/base/result.h"

namespace pistream {

struct Size {
  int width = 0;   // pixels
  int height = 0;  // pixels

  bool operator==(const Size&) const = default;
};

// Frames a second, as a fraction in lowest terms: 24/1, 30000/1001. Both parts above 0 but in a
// default-made one.
struct FrameRate {
  int numerator = 0;
  int denominator = 1;

  bool operator==(const FrameRate&) const = default;

  // Precondition: not default-made.
  std::chrono::nanoseconds FrameTime() const {
    return std::chrono::nanoseconds(std::nano::den * denominator / numerator);
  }
};

struct VideoFormat {
  Size size;
  FrameRate framerate;

  bool operator==(const VideoFormat&) const = default;
};

// Of each side, in pixels. What an encoder can take is for it to check.
inline constexpr int kMinimumSide = 16;
inline constexpr int kMaximumSide = 8192;

// Both sides even (4:2:0 chroma) and within the limits above. The error says what they are.
Result<void> CheckSize(Size size);

// That, and a frame rate above 0.
Result<void> CheckFormat(const VideoFormat& format);

// Whether it is from one frame in 60 s to 120 frames a second.
Result<void> CheckFrameRate(FrameRate framerate);

// "640x480", of sides that CheckSize accepts.
Result<Size> ParseSize(std::string_view text);

// "24", "29.97", "30000/1001", "1/10": from one frame in 60 s to 120 frames a second.
Result<FrameRate> ParseFrameRate(std::string_view text);

std::string ToString(Size size);            // 640x480
std::string ToString(FrameRate framerate);  // 24, 30000/1001

}  // namespace pistream
