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

// MPEG-1's limits (ISO/IEC 11172-2): 16 is one macroblock; the width has 12 bits (2.4.3.2); slice
// start codes number at most 175 rows of macroblocks (2.4.2.6).
inline constexpr Size kMinimumSize{16, 16};
inline constexpr Size kMaximumSize{4094, 2800};

// Whether MPEG-1 can carry it: both sides even (4:2:0 chroma) and within the limits above. The
// error says what they are.
Result<void> CheckSize(Size size);

// That, and a frame rate above 0.
Result<void> CheckFormat(const VideoFormat& format);

// Whether it is from one frame in 60 s to 120 frames a second.
Result<void> CheckFrameRate(FrameRate framerate);

// "640x480", of sides that CheckSize lets pass.
Result<Size> ParseSize(std::string_view text);

// "24", "29.97", "30000/1001", "1/10": from one frame in 60 s to 120 frames a second.
Result<FrameRate> ParseFrameRate(std::string_view text);

std::string ToString(Size size);            // 640x480
std::string ToString(FrameRate framerate);  // 24, 30000/1001

}  // namespace pistream
