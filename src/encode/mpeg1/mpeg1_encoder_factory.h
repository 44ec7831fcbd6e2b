// What MPEG-1 offers a stream.
#pragma once

#include "src/base/clock.h"
#include "src/encode/encoder_factory.h"

namespace pistream {

// `clock` stamps the pictures, and outlives the factory and its encoders.
EncoderFactory MakeMpeg1EncoderFactory(Clock& clock);

}  // namespace pistream
