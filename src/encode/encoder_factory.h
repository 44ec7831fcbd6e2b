// Creates an encoder once the format that the camera delivers is known.
#pragma once

#include <functional>
#include <memory>

#include "src/base/result.h"
#include "src/encode/encoder.h"

namespace pistream {

using EncoderFactory = std::function<Result<std::unique_ptr<Encoder>>(const EncoderConfig& config)>;

}  // namespace pistream
