// Where a prediction is read from.
#pragma once

#include <stdint.h>

namespace pistream::mpeg1 {

// Where in a reference plane a prediction comes from.
struct PredictionSource {
  const uint8_t* samples;  // Top left, rounded down to whole samples.
  bool half_x;             // Then the mean with the sample to the right,
  bool half_y;             // and with the one below; they must be in the plane as well.
};

}  // namespace pistream::mpeg1
