#include "src/encode/mpeg1/bitrate.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "fmt/format.h"
#include "src/encode/mpeg1/picture_syntax.h"

namespace pistream {
namespace {

// Bits of a macroblock (16 by 16 pixels) at a coarse quantiser, without pixelation.
constexpr double kIntraBits = 80;
constexpr double kPredictedBits = 12;
// At a few frames a second an I picture must fit the bucket of 0.9 s of the bitrate, which needs
// this much for each macroblock.
constexpr double kLeastBitsPerSecond = 200;
// Of the headers.
constexpr double kIntraOverheadBits = 600;
constexpr double kPredictedOverheadBits = 200;

double PerSecond(FrameRate framerate) {
  return static_cast<double>(framerate.numerator) / framerate.denominator;
}

// Rounds up to two significant digits.
int64_t RoundUp(double bitrate) {
  // A value that is exact except for the last bits of a double is not rounded up.
  constexpr double kExact = 1 - 1e-12;
  const double step = std::pow(10, std::max(0.0, std::floor(std::log10(bitrate)) - 1));
  return static_cast<int64_t>(std::llround(std::ceil(bitrate * kExact / step) * step));
}

int64_t UnlimitedDefault(const VideoFormat& format, int gop_pictures) {
  constexpr double kBitsPerPixel = 800'000.0 / (640 * 480 * 24);
  const double pixels = static_cast<double>(format.size.width) * format.size.height;
  return std::max(RoundUp(kBitsPerPixel * pixels * PerSecond(format.framerate)),
                  SufficientBitrate(format, gop_pictures));
}

std::string Describe(const VideoFormat& format, int gop_pictures) {
  return fmt::format("{} at {} frames/s with an I picture every {}", ToString(format.size),
                     ToString(format.framerate), gop_pictures);
}

}  // namespace

int64_t SufficientBitrate(const VideoFormat& format, int gop_pictures) {
  const double macroblocks = MacroblockCount(format.size);
  const double intras = PerSecond(format.framerate) / gop_pictures;
  const double predicted = PerSecond(format.framerate) - intras;
  const double needed = intras * (macroblocks * kIntraBits + kIntraOverheadBits) +
                        predicted * (macroblocks * kPredictedBits + kPredictedOverheadBits);
  return RoundUp(std::max(needed, macroblocks * kLeastBitsPerSecond));
}

int64_t DefaultBitrate(const VideoFormat& format, int gop_pictures) {
  return std::clamp(UnlimitedDefault(format, gop_pictures), kMinimumBitrate, kMaximumBitrate);
}

std::optional<std::string> BitrateWarning(const VideoFormat& format, int gop_pictures,
                                          std::optional<int64_t> configured_bps) {
  const int64_t bitrate = configured_bps.value_or(DefaultBitrate(format, gop_pictures));
  const int64_t sufficient = SufficientBitrate(format, gop_pictures);
  if (sufficient > kMaximumBitrate) {
    return fmt::format(
        "no bitrate is high enough for {}: moving pictures will be skipped or blurred to blocks; "
        "choose a smaller size, a lower frame rate or a longer GOP",
        Describe(format, gop_pictures));
  }
  if (bitrate < sufficient) {
    return fmt::format(
        "a bitrate of {} is too low for {}: moving pictures will be skipped or blurred to blocks; "
        "use at least {} (the default is {}) or a smaller size",
        BitrateText(bitrate), Describe(format, gop_pictures), BitrateText(sufficient),
        BitrateText(DefaultBitrate(format, gop_pictures)));
  }
  const int64_t unlimited = UnlimitedDefault(format, gop_pictures);
  if (!configured_bps && unlimited > bitrate) {
    return fmt::format("{} would get a bitrate of {}, but MPEG-1 allows {}: that is used",
                       Describe(format, gop_pictures), BitrateText(unlimited),
                       BitrateText(bitrate));
  }
  return std::nullopt;
}

std::string BitrateText(int64_t bitrate_bps) {
  for (const auto& [unit, letter] : {std::pair(1'000'000, 'M'), std::pair(1'000, 'k')}) {
    const int64_t tenths = bitrate_bps / (unit / 10);
    if (bitrate_bps >= unit && tenths * (unit / 10) == bitrate_bps) {
      return fmt::format("{}{}", static_cast<double>(tenths) / 10, letter);
    }
  }
  return fmt::format("{}", bitrate_bps);
}

}  // namespace pistream
