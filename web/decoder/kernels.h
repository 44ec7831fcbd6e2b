// The decoder's inner loops over samples, where most of its time is spent. They are written once,
// as templates over a few vector operations (reconstruction.h, prediction.h, colour.h);
// kernels_<machine>.cc selects the implementation of these operations. The results are identical on
// all machines.
#pragma once

#include <stdint.h>

#include "web/decoder/block.h"
#include "web/decoder/prediction_source.h"

namespace pistream::mpeg1 {

// Stores the inverse transform (annex A) of a block as 8 x 8 samples. Sets the block to zero.
void TransformToSamples(Block& block, uint8_t* samples, int stride);
// Adds the inverse transform of a block to the prediction in `samples`. Sets the block to zero.
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
