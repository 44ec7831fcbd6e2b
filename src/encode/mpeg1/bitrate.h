// The bitrate that MPEG-1 needs. Pure functions, based on the measurements in
// docs/decisions/0003-rate-control.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "src/media/video_format.h"

namespace pistream {

// The range of a stream's bitrate, in bits a second. MPEG-1's header holds at most 104.8 million.
inline constexpr int64_t kMinimumBitrate = 50'000;
inline constexpr int64_t kMaximumBitrate = 100'000'000;

// The bitrate, in bits a second, at which nine of ten frames of a scene with moderate motion become
// new pictures, none of them pixelated, though with visible artefacts. May exceed kMaximumBitrate.
int64_t SufficientBitrate(const VideoFormat& format, int gop_pictures);

// The default bitrate, in bits a second: proportional to the pixels per second, 800,000 for 640x480
// at 24, rounded to two significant digits; at least SufficientBitrate(); within the range above.
int64_t DefaultBitrate(const VideoFormat& format, int gop_pictures);

// A warning for the user if the bitrate, configured or the default, is too low for the video, with
// a remedy; nothing if it suffices.
std::optional<std::string> BitrateWarning(const VideoFormat& format, int gop_pictures,
                                          std::optional<int64_t> configured_bps);

// Formats a bitrate as --bitrate accepts it: "800k", "1.5M", "70500".
std::string BitrateText(int64_t bitrate_bps);

}  // namespace pistream
