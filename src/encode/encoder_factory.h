// How the pipeline gets an encoder when it learns what the camera really delivers.
#pragma once

#include <functional>
#include <memory>

#include "src/base/result.h"
#include "src/encode/encoder.h"

namespace pistream {

using EncoderFactory = std::function<Result<std::unique_ptr<Encoder>>(const EncoderConfig& config)>;

}  // namespace pistream
