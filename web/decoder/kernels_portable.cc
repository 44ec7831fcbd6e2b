// The kernels for the host, and for browsers without vector instructions.

#include "web/decoder/colour.h"
#include "web/decoder/kernels.h"
#include "web/decoder/prediction.h"
#include "web/decoder/reconstruction.h"
#include "web/decoder/simd_portable.h"

namespace pistream::mpeg1 {

void TransformToSamples(Block& block, uint8_t* samples, int stride) {
  Reconstruction<PortableSimd>::TransformToSamples(block, samples, stride);
}

void TransformAndAdd(Block& block, uint8_t* samples, int stride) {
  Reconstruction<PortableSimd>::TransformAndAdd(block, samples, stride);
}

void PredictLuma(PredictionSource source, uint8_t* samples, int stride) {
  Prediction<PortableSimd, 16>::Make(source, samples, stride);
}

void PredictChroma(PredictionSource source, uint8_t* samples, int stride) {
  Prediction<PortableSimd, 8>::Make(source, samples, stride);
}

void ConvertRowToRgba(const uint8_t* y, const uint8_t* cb, const uint8_t* cr, int width,
                      uint8_t* rgba) {
  ScalarColour::ConvertRow(y, cb, cr, width, rgba);
}

}  // namespace pistream::mpeg1
