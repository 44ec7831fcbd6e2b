#include "src/media/video_format.h"

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

constexpr int kMaximumFramesPerSecond = 120;

std::optional<FrameRate> ParseFraction(std::string_view text, size_t slash) {
  const auto numerator = ParseNumber<int>(text.substr(0, slash));
  const auto denominator = ParseNumber<int>(text.substr(slash + 1));
  if (!numerator || !denominator || *numerator <= 0 || *denominator <= 0) {
    return std::nullopt;
  }
  const int divisor = std::gcd(*numerator, *denominator);
  return FrameRate{*numerator / divisor, *denominator / divisor};
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
  if (std::abs(*rate - ntsc * 1000.0 / 1001.0) < 0.005) {
    return FrameRate{ntsc * 1000, 1001};
  }
  const int thousandths = static_cast<int>(std::lround(*rate * 1000));
  const int divisor = std::gcd(thousandths, 1000);
  return FrameRate{thousandths / divisor, 1000 / divisor};
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
  if (rate && rate->numerator >= rate->denominator &&
      rate->numerator <= int64_t{kMaximumFramesPerSecond} * rate->denominator) {
    return *rate;
  }
  return Fail("frame rate '{}' is not a number from 1 to {}, such as 24, 29.97 or 30000/1001", text,
              kMaximumFramesPerSecond);
}

std::string ToString(Size size) { return fmt::format("{}x{}", size.width, size.height); }

std::string ToString(FrameRate framerate) {
  return framerate.denominator == 1
             ? fmt::format("{}", framerate.numerator)
             : fmt::format("{}/{}", framerate.numerator, framerate.denominator);
}

}  // namespace pistream
