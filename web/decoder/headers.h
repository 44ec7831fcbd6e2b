// Sequence and picture headers of MPEG-1 video (2.4.2.3 to 2.4.2.5), and their parsers.
#pragma once

#include <stdint.h>

#include "web/decoder/byte_span.h"

namespace pistream::mpeg1 {

constexpr int kBlockSize = 8;
constexpr int kMacroblockSize = 16;
constexpr int kCoefficients = kBlockSize * kBlockSize;

// ISO/IEC 11172-2, 2.4.3.7, figure 2-D.30: the raster position of each coefficient in the order of
// transmission.
constexpr uint8_t kZigzag[kCoefficients] = {
    0,  1,  8,  16, 9,  2,  3,  10, 17, 24, 32, 25, 18, 11, 4,  5,   //
    12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6,  7,  14, 21, 28,  //
    35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51,  //
    58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63};

// Weights of a quantiser matrix, in the order of transmission.
struct QuantiserMatrix {
  uint8_t weights[kCoefficients];
};

// The fields of a sequence header (2.4.2.3) on which pictures depend.
struct SequenceHeader {
  int width = 0;  // Of the displayed picture, 1 to 4095.
  int height = 0;
  QuantiserMatrix intra_matrix = {};
  QuantiserMatrix non_intra_matrix = {};

  int macroblock_columns() const { return (width + kMacroblockSize - 1) / kMacroblockSize; }
  int macroblock_rows() const { return (height + kMacroblockSize - 1) / kMacroblockSize; }
  int coded_width() const { return macroblock_columns() * kMacroblockSize; }
  int coded_height() const { return macroblock_rows() * kMacroblockSize; }
};

// 2.4.3.4, picture_coding_type.
enum class PictureType : uint8_t { kIntra = 1, kPredicted = 2, kBidirectional = 3, kDcIntra = 4 };

// The fields of a picture header (2.4.2.5) on which macroblocks depend.
struct PictureHeader {
  PictureType type = PictureType::kIntra;
  bool full_pel_vectors = false;
  int forward_r_size = 0;  // forward_f_code - 1: bits of a vector's residual, 0 to 6.
};

// Both parse the bytes between two start codes. They return false, with `header` unspecified, if
// the bytes are truncated or have a value that the standard forbids.
bool ParseSequenceHeader(ByteSpan bytes, SequenceHeader& header);
bool ParsePictureHeader(ByteSpan bytes, PictureHeader& header);

}  // namespace pistream::mpeg1
