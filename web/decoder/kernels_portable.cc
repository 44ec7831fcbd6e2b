// The kernels for the host, and for browsers without vector instructions.

#include "web/decoder/kernels.h"
#include "web/decoder/kernels_for.h"
#include "web/decoder/simd_portable.h"

namespace pistream::mpeg1 {

using Kernels = KernelsFor<PortableSimd>;

void TransformToSamples(Block& block, uint8_t* samples, int stride) {
  Kernels::TransformToSamples(block, samples, stride);
}

void TransformAndAdd(Block& block, uint8_t* samples, int stride) {
  Kernels::TransformAndAdd(block, samples, stride);
}

void PredictLuma(PredictionSource source, uint8_t* samples, int stride) {
  Prediction<PortableSimd, 16>::Make(source, samples, stride);
}

void PredictChroma(PredictionSource source, uint8_t* samples, int stride) {
  Prediction<PortableSimd, 8>::Make(source, samples, stride);
}

void ConvertRowToRgba(const uint8_t* y, const uint8_t* cb, const uint8_t* cr, int width,
                      uint8_t* rgba) {
  Kernels::ConvertRowToRgba(y, cb, cr, width, rgba);
}

}  // namespace pistream::mpeg1
