#include "src/media/video_format.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <optional>

#include "src/base/parse_number.h"

namespace pistream {
namespace {

bool IsPossibleSide(int pixels) {
  return pixels >= kMinimumSide && pixels <= kMaximumSide && pixels % 2 == 0;
}

bool IsPossible(Size size) { return IsPossibleSide(size.width) && IsPossibleSide(size.height); }

constexpr std::string_view kFrameRates =
    "a number from 1/60 to 120, such as 24, 29.97, 30000/1001 or 1/10";
constexpr int kMaximumFramesPerSecond = 120;
constexpr int kMaximumFrameTime = 60;    // seconds
constexpr int kLargestTerm = 1'000'000;  // of a fraction: arithmetic with it cannot overflow

bool IsPossibleRate(FrameRate rate) {
  return rate.numerator > 0 && rate.denominator > 0 &&
         int64_t{kMaximumFrameTime} * rate.numerator >= rate.denominator &&
         rate.numerator <= int64_t{kMaximumFramesPerSecond} * rate.denominator;
}

std::optional<FrameRate> ParseFraction(std::string_view text, size_t slash) {
  const auto numerator = ParseNumber<int>(text.substr(0, slash));
  const auto denominator = ParseNumber<int>(text.substr(slash + 1));
  if (!numerator || !denominator || *numerator <= 0 || *denominator <= 0) {
    return std::nullopt;
  }
  const int divisor = std::gcd(*numerator, *denominator);
  const FrameRate rate{*numerator / divisor, *denominator / divisor};
  if (rate.numerator > kLargestTerm || rate.denominator > kLargestTerm) {
    return std::nullopt;
  }
  return rate;
}

// "29.97" is what people write for 30000/1001, the NTSC rates of MPEG-1's table.
std::optional<FrameRate> ParseDecimal(std::string_view text) {
  const auto rate = ParseNumber<double>(text);
  if (!rate || *rate <= 0 || *rate > kMaximumFramesPerSecond) {
    return std::nullopt;
  }
  const int whole = static_cast<int>(std::lround(*rate));
  if (*rate == whole) {
    return FrameRate{whole, 1};
  }
  const int ntsc = static_cast<int>(std::ceil(*rate));
  if (*rate > 1 && std::abs(*rate - ntsc * 1000.0 / 1001.0) < 0.005) {
    return FrameRate{ntsc * 1000, 1001};
  }
  const int parts = *rate < 1 ? kLargestTerm : 1000;
  const int numerator = static_cast<int>(std::lround(*rate * parts));
  const int divisor = std::gcd(numerator, parts);
  return FrameRate{numerator / divisor, parts / divisor};
}

}  // namespace

Result<void> CheckSize(Size size) {
  if (IsPossible(size)) {
    return {};
  }
  return Fail("size {} is not possible: both sides must be even, from {} to {} pixels",
              ToString(size), kMinimumSide, kMaximumSide);
}

Result<void> CheckFormat(const VideoFormat& format) {
  if (format.framerate.numerator <= 0 || format.framerate.denominator <= 0) {
    return Fail("frame rate {} is not possible: it must be above 0", ToString(format.framerate));
  }
  return CheckSize(format.size);
}

Result<void> CheckFrameRate(FrameRate framerate) {
  if (IsPossibleRate(framerate)) {
    return {};
  }
  return Fail("frame rate '{}' is not {}", ToString(framerate), kFrameRates);
}

int OneSecondOfPictures(FrameRate framerate) {
  const double rate = static_cast<double>(framerate.numerator) / framerate.denominator;
  return std::max(1, static_cast<int>(std::lround(rate)));
}

Result<Size> ParseSize(std::string_view text) {
  const size_t cross = text.find('x');
  if (cross != std::string_view::npos) {
    const auto width = ParseNumber<int>(text.substr(0, cross));
    const auto height = ParseNumber<int>(text.substr(cross + 1));
    if (width && height && IsPossible({*width, *height})) {
      return Size{*width, *height};
    }
  }
  return Fail("size '{}' is not WIDTHxHEIGHT with even sides from {} to {} pixels, such as 640x480",
              text, kMinimumSide, kMaximumSide);
}

Result<FrameRate> ParseFrameRate(std::string_view text) {
  const size_t slash = text.find('/');
  const auto rate =
      slash == std::string_view::npos ? ParseDecimal(text) : ParseFraction(text, slash);
  if (rate && IsPossibleRate(*rate)) {
    return *rate;
  }
  return Fail("frame rate '{}' is not {}", text, kFrameRates);
}

std::string ToString(Size size) { return fmt::format("{}x{}", size.width, size.height); }

std::string ToString(FrameRate framerate) {
  return framerate.denominator == 1
             ? fmt::format("{}", framerate.numerator)
             : fmt::format("{}/{}", framerate.numerator, framerate.denominator);
}

}  // namespace pistream
