// How a stream gets encoders once it knows what the camera really delivers.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "src/base/result.h"
#include "src/encode/encoder.h"

namespace pistream {

// What one codec offers. Any thread may call the functions.
struct EncoderFactory {
  // The bitrate, in bits a second, of a track for which none is given.
  std::function<int64_t(const VideoFormat& format, int gop_pictures)> default_bitrate;
  // The bitrate, in bits a second, at which nearly all frames become pictures with their details,
  // though with visible artefacts. `config`'s own bitrate does not matter.
  std::function<int64_t(const EncoderConfig& config)> sufficient_bitrate;
  // What the user should know about this bitrate for this format; nothing: the bitrate is
  // sufficient.
  std::function<std::optional<std::string>(const EncoderConfig& config)> warning;
  std::function<Result<std::unique_ptr<Encoder>>(const EncoderConfig& config)> create;
};

}  // namespace pistream
