#pragma once

#include <cstdint>

#include "tests/unit/web_decoder/libavcodec_reference.h"

namespace pistream::test {

// Picture `number` of a moving pattern with some noise: it gives an encoder vectors, intra
// macroblocks and coefficients to send. `speed` is in samples a picture.
SamplePlanes MakePattern(int width, int height, int number, int speed);

}  // namespace pistream::test
