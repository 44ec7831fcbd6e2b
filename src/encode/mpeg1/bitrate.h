// Which bitrate MPEG-1 needs. Pure functions; the measurements behind them:
// docs/decisions/0003-rate-control.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "src/media/video_format.h"

namespace pistream {

// What a stream may have, in bits a second. MPEG-1's header holds at most 104.8 million.
inline constexpr int64_t kMinimumBitrate = 50'000;
inline constexpr int64_t kMaximumBitrate = 100'000'000;

// The GOP of a stream for which none is given: one second, at least one picture.
int OneSecondOfPictures(FrameRate framerate);

// The bitrate, in bits a second, at which scenes with moderate motion keep nine pictures in ten,
// none of them coarsened, though with visible artefacts. May be above kMaximumBitrate.
int64_t SufficientBitrate(const VideoFormat& format, int gop_pictures);

// The bitrate, in bits a second, of a stream for which none is given: proportional to the pixels a
// second, 800,000 for 640x480 at 24, in two significant digits; where that is not sufficient, what
// is; within the limits above.
int64_t DefaultBitrate(const VideoFormat& format, int gop_pictures);

// What to tell the user at start: that the bitrate, given or the default, is not what the video
// needs, and what to do. Nothing if it is.
std::optional<std::string> BitrateWarning(const VideoFormat& format, int gop_pictures,
                                          std::optional<int64_t> given_bps);

// "800k", "1.5M", "70500": as --bitrate reads it.
std::string BitrateText(int64_t bitrate_bps);

}  // namespace pistream
