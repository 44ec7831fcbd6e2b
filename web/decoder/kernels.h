// The loops over samples, as functions: all that differs between machines with vectors and without.
#pragma once

#include <stdint.h>

#include "web/decoder/block.h"
#include "web/decoder/prediction_source.h"

// The loops over samples, where a decoder's time goes. They are written once, over a few vector
// operations (reconstruction.h, prediction.h, colour.h); kernels_<machine>.cc chooses whose. All
// machines give the same samples.

namespace pistream::mpeg1 {

// The inverse transform (annex A) of a block, as samples of 8 x 8. Leaves the block zero.
void TransformToSamples(Block& block, uint8_t* samples, int stride);
// Adds it to the prediction that is there.
void TransformAndAdd(Block& block, uint8_t* samples, int stride);

// 2.4.4.2: the prediction of 16 x 16, or 8 x 8, samples. Source and destination have the same
// stride.
void PredictLuma(PredictionSource source, uint8_t* samples, int stride);
void PredictChroma(PredictionSource source, uint8_t* samples, int stride);

// One row of RGBA from limited-range BT.601 (16 to 235, 16 to 240). Reads (width + 1) / 2 samples
// of each chroma row, writes 4 * width bytes.
void ConvertRowToRgba(const uint8_t* y, const uint8_t* cb, const uint8_t* cr, int width,
                      uint8_t* rgba);

}  // namespace pistream::mpeg1
