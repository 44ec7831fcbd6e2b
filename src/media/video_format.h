// Size and frame rate of video.
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

// Frames per second as a fraction in lowest terms: 24/1, 30000/1001. Both parts are above 0, except
// in a default-constructed object.
struct FrameRate {
  int numerator = 0;
  int denominator = 1;

  bool operator==(const FrameRate&) const = default;

  // Precondition: not default-constructed.
  std::chrono::nanoseconds FrameTime() const {
    return std::chrono::nanoseconds(std::nano::den * denominator / numerator);
  }
};

struct VideoFormat {
  Size size;
  FrameRate framerate;

  bool operator==(const VideoFormat&) const = default;
};

// The limits of width and height, in pixels. Encoders check their own limits.
inline constexpr int kMinimumSide = 16;
inline constexpr int kMaximumSide = 8192;

// Whether both sides are even (4:2:0 chroma) and within the limits above. The error contains the
// limits.
Result<void> CheckSize(Size size);

// The same, and whether the frame rate is above 0.
Result<void> CheckFormat(const VideoFormat& format);

// Whether the rate is from one frame in 60 s to 120 frames a second.
Result<void> CheckFrameRate(FrameRate framerate);

// The number of pictures in a second, rounded, at least one: the default GOP.
int OneSecondOfPictures(FrameRate framerate);

// Parses "640x480". Fails for sizes that CheckSize rejects.
Result<Size> ParseSize(std::string_view text);

// Parses "24", "29.97", "30000/1001" or "1/10". Fails for rates that CheckFrameRate rejects.
Result<FrameRate> ParseFrameRate(std::string_view text);

std::string ToString(Size size);            // 640x480
std::string ToString(FrameRate framerate);  // 24, 30000/1001

}  // namespace pistream
