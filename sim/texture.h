// Textures of the test picture. Integer arithmetic only: identical on every machine.
#pragma once

#include <cstdint>
#include <vector>

#include "src/media/video_format.h"

namespace pistream::sim {

// A hash of three numbers.
uint32_t Hash(uint32_t a, uint32_t b, uint32_t c);

// Concentric rings whose spatial frequency rises with the radius, up to a ring every 8 pixels at
// the left and right edges. Rows of size.width bytes.
std::vector<uint8_t> ZonePlate(Size size);

// `length` values from `first` to `last` in equal steps. Precondition: length > 0.
std::vector<uint8_t> Gradient(int length, uint8_t first, uint8_t last);

// A rough sphere lit from the top left, with mean luma `luma`: `size` rows of `size` bytes. Bytes
// outside the disc are unspecified.
std::vector<uint8_t> DiscTexture(int size, uint8_t luma, uint32_t seed);

// For each row of a disc of diameter `size`: the number of pixels before its first one.
std::vector<int> DiscInsets(int size);

}  // namespace pistream::sim
