// The surfaces of the test picture, computed once. Integers only: the same on every machine.
#pragma once

#include <cstdint>
#include <vector>

#include "src/media/video_format.h"

namespace pistream::sim {

// Well mixed bits of three numbers.
uint32_t Hash(uint32_t a, uint32_t b, uint32_t c);

// Rings round the centre, the finer the farther out: every spatial frequency an encoder may meet,
// up to a ring every 8 pixels at the left and right edges. Rows of size.width bytes.
std::vector<uint8_t> ZonePlate(Size size);

// From `first` to `last` in even steps. Precondition: length > 0.
std::vector<uint8_t> Gradient(int length, uint8_t first, uint8_t last);

// A ball of rough stone lit from the top left, of mean luma `luma`: `size` rows of as many bytes.
// Outside the disc the bytes mean nothing.
std::vector<uint8_t> DiscTexture(int size, uint8_t luma, uint32_t seed);

// For each row of a disc of that diameter: the pixels before it begins.
std::vector<int> DiscInsets(int size);

}  // namespace pistream::sim
