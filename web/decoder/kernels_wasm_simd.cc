// The kernels for browsers with 128-bit vector instructions.

#include "web/decoder/colour.h"
#include "web/decoder/kernels.h"
#include "web/decoder/prediction.h"
#include "web/decoder/reconstruction.h"
#include "web/decoder/simd_wasm.h"

namespace pistream::mpeg1 {

void TransformToSamples(Block& block, uint8_t* samples, int stride) {
  Reconstruction<WasmSimd>::TransformToSamples(block, samples, stride);
}

void TransformAndAdd(Block& block, uint8_t* samples, int stride) {
  Reconstruction<WasmSimd>::TransformAndAdd(block, samples, stride);
}

void PredictLuma(PredictionSource source, uint8_t* samples, int stride) {
  Prediction<WasmSimd, 16>::Make(source, samples, stride);
}

void PredictChroma(PredictionSource source, uint8_t* samples, int stride) {
  Prediction<WasmSimd, 8>::Make(source, samples, stride);
}

void ConvertRowToRgba(const uint8_t* y, const uint8_t* cb, const uint8_t* cr, int width,
                      uint8_t* rgba) {
  VectorColour<WasmSimd>::ConvertRow(y, cb, cr, width, rgba);
}

}  // namespace pistream::mpeg1
