#pragma once

#include <array>
#include <cstdint>
#include <random>
#include <vector>

#include "tests/unit/web_decoder/bit_writer.h"

namespace pistream::test {

// Parameters of a RandomStream.
struct RandomStreamOptions {
  int width = 64;
  int height = 48;
  uint32_t seed = 1;
  int slices = 1;          // A picture, at most; they begin anywhere.
  int forward_f_code = 1;  // 1 to 7.
  bool full_pel = false;   // full_pel_forward_vector
  int quantiser = 0;       // quantizer_scale of all; 0: another one now and then.
  bool custom_matrices = false;
  bool stuffing = false;      // Macroblock stuffing, zero bytes, user data, extra information.
  double coded_blocks = 0.5;  // How many of the blocks of a P picture have coefficients.
  double skipped = 0.2;       // How many macroblocks of a P picture are skipped.
};

// Writes MPEG-1 video that keeps to the standard and says nothing sensible: every macroblock type,
// vector and code that it has, in places where no encoder would put them.
class RandomStream {
 public:
  explicit RandomStream(const RandomStreamOptions& options);

  // The next picture; an I picture is preceded by a sequence header and a GOP header.
  std::vector<uint8_t> IntraPicture();
  std::vector<uint8_t> PredictedPicture();

 private:
  struct Vector {
    int x = 0;
    int y = 0;
  };

  bool Chance(double probability);
  int Between(int low, int high);

  void WriteStartCode(int code);
  void WriteStuffingBytes();
  void WriteSequenceHeader();
  void WriteMatrix(const std::array<int, 64>& matrix);
  void WritePictureHeader();
  std::vector<uint8_t> WritePicture(bool predicted);
  void WriteSlice(int first, int end);
  void WriteSliceHeader(int first);
  void WriteAddressIncrement(int increment);

  void WriteMacroblock(int address);
  void WriteIntraMacroblock(bool quant);
  void WritePredictedMacroblock(int address, bool quant);
  Vector ChooseVector(int address);
  int ChooseVectorComponent(int position, int last);
  void WriteVectorComponent(int difference);
  void WriteDc(int component);
  void WriteCoefficients(int index, const std::array<int, 64>& matrix, bool first_is_special);
  void WriteCoefficient(int run, int level, bool special);
  void ResetPredictions();

  RandomStreamOptions options_;
  int columns_;
  int rows_;
  std::mt19937 random_;
  BitWriter bits_;
  std::array<int, 64> intra_matrix_{};  // In the order of transmission.
  std::array<int, 64> non_intra_matrix_{};
  int temporal_reference_ = 0;

  bool predicted_ = false;
  int quantiser_ = 1;
  std::array<int, 3> dc_ = {};  // quantised, 1 to 254
  Vector vector_;               // The prediction of the next one, as sent.
};

}  // namespace pistream::test
