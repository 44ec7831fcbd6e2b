#include "web/decoder/headers.h"

#include "web/decoder/bit_reader.h"

namespace pistream::mpeg1 {
namespace {

// 2.4.3.2: the intra matrix in force where a sequence header brings none, in raster order.
constexpr uint8_t kDefaultIntraMatrix[kCoefficients] = {8,  16, 19, 22, 26, 27, 29, 34,  //
                                                        16, 16, 22, 24, 27, 29, 34, 37,  //
                                                        19, 22, 26, 27, 29, 34, 34, 38,  //
                                                        22, 22, 26, 27, 29, 34, 37, 40,  //
                                                        22, 26, 27, 29, 32, 35, 40, 48,  //
                                                        26, 27, 29, 32, 35, 40, 48, 58,  //
                                                        26, 27, 29, 34, 38, 46, 56, 69,  //
                                                        27, 29, 35, 38, 46, 56, 69, 83};

constexpr uint8_t kDefaultNonIntraWeight = 16;

bool ReadMatrix(BitReader& bits, QuantiserMatrix& matrix) {
  for (uint8_t& weight : matrix.weights) {
    weight = static_cast<uint8_t>(bits.Read(8));
    if (weight == 0) {
      return false;
    }
  }
  return true;
}

bool ReadMatrices(BitReader& bits, SequenceHeader& header) {
  const bool load_intra = bits.Read(1) != 0;
  if (load_intra) {
    if (!ReadMatrix(bits, header.intra_matrix)) {
      return false;
    }
  } else {
    for (int i = 0; i < kCoefficients; ++i) {
      header.intra_matrix.weights[i] = kDefaultIntraMatrix[kZigzag[i]];
    }
  }
  const bool load_non_intra = bits.Read(1) != 0;
  if (load_non_intra) {
    return ReadMatrix(bits, header.non_intra_matrix);
  }
  for (uint8_t& weight : header.non_intra_matrix.weights) {
    weight = kDefaultNonIntraWeight;
  }
  return true;
}

}  // namespace

bool ParseSequenceHeader(ByteSpan bytes, SequenceHeader& header) {
  BitReader bits(bytes);
  header.width = static_cast<int>(bits.Read(12));
  header.height = static_cast<int>(bits.Read(12));
  if (header.width == 0 || header.height == 0) {
    return false;
  }
  bits.Read(4);   // pel_aspect_ratio
  bits.Read(4);   // picture_rate
  bits.Read(18);  // bit_rate
  if (bits.Read(1) != 1) {
    return false;  // marker_bit
  }
  bits.Read(10);  // vbv_buffer_size
  bits.Read(1);   // constrained_parameter_flag
  return ReadMatrices(bits, header) && !bits.Overrun();
}

bool ParsePictureHeader(ByteSpan bytes, PictureHeader& header) {
  BitReader bits(bytes);
  bits.Read(10);  // temporal_reference
  const uint32_t type = bits.Read(3);
  if (type < 1 || type > 4) {
    return false;
  }
  header.type = static_cast<PictureType>(type);
  bits.Read(16);  // vbv_delay
  header.full_pel_vectors = false;
  header.forward_r_size = 0;
  if (header.type == PictureType::kPredicted) {
    header.full_pel_vectors = bits.Read(1) != 0;
    const int forward_f_code = static_cast<int>(bits.Read(3));
    if (forward_f_code == 0) {
      return false;
    }
    header.forward_r_size = forward_f_code - 1;
  }
  return !bits.Overrun();
}

}  // namespace pistream::mpeg1
