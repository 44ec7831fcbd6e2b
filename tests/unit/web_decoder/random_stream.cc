#include "tests/unit/web_decoder/random_stream.h"

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <span>

#include "web/decoder/headers.h"
#include "web/decoder/start_code.h"
#include "web/decoder/vlc_codes.h"

namespace pistream::test {
namespace {

constexpr int kDefaultIntra[64] = {8,  16, 16, 19, 16, 19, 22, 22, 22, 22, 22, 22, 26, 24, 26, 27,
                                   27, 27, 26, 26, 26, 26, 27, 27, 27, 29, 29, 29, 34, 34, 34, 29,
                                   29, 29, 27, 27, 29, 29, 32, 32, 34, 34, 37, 38, 37, 35, 35, 34,
                                   35, 38, 38, 40, 40, 40, 48, 48, 46, 46, 56, 56, 58, 69, 69, 83};

// Sums of more than this may pass what 16 bits hold between the transform's two steps, where
// decoders may differ.
constexpr int kMaxCoefficientSum = 1400;

const char* CodeOf(std::span<const mpeg1::VlcCode> codes, int value) {
  const auto found =
      std::ranges::find_if(codes, [&](const mpeg1::VlcCode& code) { return code.value == value; });
  if (found == codes.end()) std::abort();
  return found->bits;
}

const mpeg1::CoefficientCode* FindCoefficientCode(int run, int level) {
  const auto* found = std::ranges::find_if(mpeg1::kCoefficientCodes, [&](const auto& code) {
    return code.run == run && code.level == level;
  });
  return found == std::end(mpeg1::kCoefficientCodes) ? nullptr : found;
}

}  // namespace

RandomStream::RandomStream(const RandomStreamOptions& options)
    : options_(options),
      columns_((options.width + 15) / 16),
      rows_((options.height + 15) / 16),
      random_(options.seed) {
  std::copy(std::begin(kDefaultIntra), std::end(kDefaultIntra), intra_matrix_.begin());
  non_intra_matrix_.fill(16);
  if (!options.custom_matrices) return;
  for (int& weight : intra_matrix_) weight = Between(8, 255);
  intra_matrix_[0] = 8;
  for (int& weight : non_intra_matrix_) weight = Between(8, 255);
}

std::vector<uint8_t> RandomStream::IntraPicture() {
  temporal_reference_ = 0;
  WriteSequenceHeader();
  WriteStuffingBytes();
  WriteStartCode(mpeg1::kGroupStartCode);
  bits_.Put(1 << 12, 25);  // time_code: its marker bit
  bits_.Put(1, 1);         // closed_gop
  bits_.Put(0, 1);         // broken_link
  return WritePicture(false);
}

std::vector<uint8_t> RandomStream::PredictedPicture() {
  ++temporal_reference_;
  return WritePicture(true);
}

bool RandomStream::Chance(double probability) {
  return std::generate_canonical<double, 24>(random_) < probability;
}

int RandomStream::Between(int low, int high) {
  return std::uniform_int_distribution<int>(low, high)(random_);
}

void RandomStream::WriteStartCode(int code) {
  bits_.Align();
  bits_.Put(1, 24);
  bits_.Put(code, 8);
}

void RandomStream::WriteStuffingBytes() {
  if (!options_.stuffing) return;
  bits_.Align();
  for (int count = Between(0, 3); count > 0; --count) bits_.Put(0, 8);
  if (Chance(0.5)) return;
  WriteStartCode(mpeg1::kUserDataStartCode);
  for (int count = Between(0, 9); count > 0; --count) bits_.Put(Between(1, 255), 8);
}

void RandomStream::WriteSequenceHeader() {
  WriteStartCode(mpeg1::kSequenceHeaderCode);
  bits_.Put(options_.width, 12);
  bits_.Put(options_.height, 12);
  bits_.Put(1, 4);               // pel_aspect_ratio
  bits_.Put(3, 4);               // picture_rate
  bits_.Put((1 << 18) - 1, 18);  // bit_rate
  bits_.Put(1, 1);               // marker_bit
  bits_.Put(20, 10);             // vbv_buffer_size
  bits_.Put(0, 1);               // constrained_parameter_flag
  bits_.Put(options_.custom_matrices ? 1 : 0, 1);
  if (options_.custom_matrices) WriteMatrix(intra_matrix_);
  bits_.Put(options_.custom_matrices ? 1 : 0, 1);
  if (options_.custom_matrices) WriteMatrix(non_intra_matrix_);
}

void RandomStream::WriteMatrix(const std::array<int, 64>& matrix) {
  for (const int weight : matrix) bits_.Put(weight, 8);
}

void RandomStream::WritePictureHeader() {
  WriteStartCode(mpeg1::kPictureStartCode);
  bits_.Put(temporal_reference_ & 0x3ff, 10);
  bits_.Put(predicted_ ? 2 : 1, 3);
  bits_.Put(0xffff, 16);  // vbv_delay
  if (predicted_) {
    bits_.Put(options_.full_pel ? 1 : 0, 1);
    bits_.Put(options_.forward_f_code, 3);
  }
  if (options_.stuffing && Chance(0.5)) bits_.Put(0x155, 9);  // extra_information_picture
  bits_.Put(0, 1);
}

std::vector<uint8_t> RandomStream::WritePicture(bool predicted) {
  predicted_ = predicted;
  WriteStuffingBytes();
  WritePictureHeader();
  const int count = columns_ * rows_;
  std::vector<int> bounds = {0, count};
  for (int i = 1; i < options_.slices; ++i) bounds.push_back(Between(0, count - 1));
  // A slice's start code names a row, its first macroblock may be any in it: but 175 rows are all
  // there can be.
  std::ranges::sort(bounds);
  bounds.erase(std::ranges::unique(bounds).begin(), bounds.end());
  for (size_t i = 0; i + 1 < bounds.size(); ++i) {
    WriteStuffingBytes();
    WriteSlice(bounds[i], bounds[i + 1]);
  }
  return bits_.Take();
}

void RandomStream::WriteSlice(int first, int end) {
  WriteSliceHeader(first);
  ResetPredictions();
  WriteAddressIncrement(first % columns_ + 1);
  WriteMacroblock(first);
  int skipped = 0;
  for (int address = first + 1; address < end; ++address) {
    if (predicted_ && address + 1 < end && Chance(options_.skipped)) {
      ++skipped;
      continue;
    }
    if (skipped > 0) ResetPredictions();
    WriteAddressIncrement(skipped + 1);
    WriteMacroblock(address);
    skipped = 0;
  }
}

void RandomStream::WriteSliceHeader(int first) {
  WriteStartCode(first / columns_ + 1);
  quantiser_ = options_.quantiser != 0 ? options_.quantiser : Between(1, 31);
  bits_.Put(quantiser_, 5);
  while (options_.stuffing && Chance(0.3)) bits_.Put(0x100 | Between(1, 255), 9);
  bits_.Put(0, 1);  // extra_bit_slice
}

void RandomStream::WriteAddressIncrement(int increment) {
  while (options_.stuffing && Chance(0.05)) {
    bits_.PutCode(CodeOf(mpeg1::kAddressIncrementCodes, mpeg1::kMacroblockStuffing));
  }
  for (; increment > 33; increment -= 33) {
    bits_.PutCode(CodeOf(mpeg1::kAddressIncrementCodes, mpeg1::kMacroblockEscape));
  }
  bits_.PutCode(CodeOf(mpeg1::kAddressIncrementCodes, increment));
}

void RandomStream::ResetPredictions() {
  dc_.fill(128);
  vector_ = {};
}

void RandomStream::WriteMacroblock(int address) {
  const bool quant = options_.quantiser == 0 && Chance(0.2);
  if (!predicted_ || Chance(0.15)) {
    WriteIntraMacroblock(quant);
  } else {
    WritePredictedMacroblock(address, quant);
  }
}

void RandomStream::WriteIntraMacroblock(bool quant) {
  const int flags = mpeg1::kMacroblockIntra | (quant ? mpeg1::kMacroblockQuant : 0);
  bits_.PutCode(predicted_ ? CodeOf(mpeg1::kPredictedTypeCodes, flags)
                           : CodeOf(mpeg1::kIntraTypeCodes, flags));
  if (quant) bits_.Put(quantiser_ = Between(1, 31), 5);
  vector_ = {};
  for (int block = 0; block < 6; ++block) {
    WriteDc(block < 4 ? 0 : block - 3);
    WriteCoefficients(0, intra_matrix_, false);
  }
}

void RandomStream::WritePredictedMacroblock(int address, bool quant) {
  const bool motion = Chance(0.7);
  int pattern = 0;
  for (int block = 0; block < 6; ++block) {
    pattern = pattern << 1 | (Chance(options_.coded_blocks) ? 1 : 0);
  }
  if (!motion && pattern == 0) pattern = 1;  // There is no type with neither.
  const bool with_quant = quant && pattern != 0;
  const int flags = (motion ? mpeg1::kMacroblockMotionForward : 0) |
                    (pattern != 0 ? mpeg1::kMacroblockPattern : 0) |
                    (with_quant ? mpeg1::kMacroblockQuant : 0);
  bits_.PutCode(CodeOf(mpeg1::kPredictedTypeCodes, flags));
  if (with_quant) bits_.Put(quantiser_ = Between(1, 31), 5);
  dc_.fill(128);
  const Vector vector = motion ? ChooseVector(address) : Vector{};
  if (motion) {
    WriteVectorComponent(vector.x - vector_.x);
    WriteVectorComponent(vector.y - vector_.y);
  }
  vector_ = vector;
  if (pattern != 0) bits_.PutCode(CodeOf(mpeg1::kBlockPatternCodes, pattern));
  for (int block = 0; block < 6; ++block) {
    if ((pattern >> (5 - block) & 1) != 0) WriteCoefficients(-1, non_intra_matrix_, true);
  }
}

RandomStream::Vector RandomStream::ChooseVector(int address) {
  return {ChooseVectorComponent(address % columns_, columns_ - 1),
          ChooseVectorComponent(address / columns_, rows_ - 1)};
}

// One that stays in the picture and in the range of forward_f_code, of a macroblock at `position`
// of 0 to `last`.
int RandomStream::ChooseVectorComponent(int position, int last) {
  const int macroblock = options_.full_pel ? 16 : 32;
  const int range = 16 << (options_.forward_f_code - 1);
  const int low = std::max(-range, -position * macroblock);
  const int high = std::min(range - 1, (last - position) * macroblock);
  return Chance(0.1) ? (Chance(0.5) ? low : high) : Between(low, high);
}

void RandomStream::WriteVectorComponent(int difference) {
  const int r_size = options_.forward_f_code - 1;
  const int range = 16 << r_size;
  if (difference < -range) difference += 2 * range;
  if (difference >= range) difference -= 2 * range;
  const int magnitude = std::abs(difference) - 1;
  const int code = difference == 0 ? 0 : (magnitude >> r_size) + 1;
  bits_.PutCode(CodeOf(mpeg1::kMotionCodes, difference < 0 ? -code : code));
  if (difference != 0) bits_.Put(magnitude & ((1 << r_size) - 1), r_size);
}

void RandomStream::WriteDc(int component) {
  int& prediction = dc_[static_cast<size_t>(component)];
  const int value = Chance(0.2) ? Between(1, 254) : std::clamp(prediction + Between(-9, 9), 1, 254);
  const int difference = value - prediction;
  prediction = value;
  int size = 0;
  while (std::abs(difference) >> size != 0) ++size;
  bits_.PutCode(component == 0 ? CodeOf(mpeg1::kLumaDcSizeCodes, size)
                               : CodeOf(mpeg1::kChromaDcSizeCodes, size));
  bits_.Put(difference < 0 ? difference + (1 << size) - 1 : difference, size);
}

// Codes of the table, each as likely as another, as long as the block stays within bounds;
// sometimes by escape.
void RandomStream::WriteCoefficients(int index, const std::array<int, 64>& matrix,
                                     bool first_is_special) {
  int sum = 0;
  bool first = first_is_special;
  for (int left = Between(first ? 1 : 0, Chance(0.1) ? 40 : 6); left > 0; --left) {
    const auto& code = mpeg1::kCoefficientCodes[Between(
        0, Chance(0.5) ? 12 : static_cast<int>(std::size(mpeg1::kCoefficientCodes)) - 1)];
    const bool escape = Chance(0.1);
    int run = escape ? Between(0, 9) : code.run;
    int level = escape ? Between(1, 255) : code.level;
    if (index + run + 1 > 63) run = 0;
    if (index + run + 1 > 63) break;
    const int weight = matrix[static_cast<size_t>(index + run + 1)];
    if (sum + (2 * level + 1) * quantiser_ * weight / 16 > kMaxCoefficientSum) level = 1;
    const int value = (2 * level + 1) * quantiser_ * weight / 16;
    if (sum + value > kMaxCoefficientSum && !first) break;
    sum += value;
    index += run + 1;
    WriteCoefficient(run, Chance(0.5) ? level : -level, first);
    first = false;
  }
  bits_.PutCode(mpeg1::kEndOfBlockCode);
}

void RandomStream::WriteCoefficient(int run, int level, bool special) {
  const mpeg1::CoefficientCode* code = FindCoefficientCode(run, std::abs(level));
  if (special && run == 0 && std::abs(level) == 1) {
    bits_.Put(level < 0 ? 3 : 2, 2);
  } else if (code != nullptr && !Chance(0.02)) {
    bits_.PutCode(code->bits);
    bits_.Put(level < 0 ? 1 : 0, 1);
  } else {
    bits_.PutCode(mpeg1::kCoefficientEscapeCode);
    bits_.Put(run, 6);
    if (std::abs(level) < 128) {
      bits_.Put(level & 0xff, 8);
    } else {
      bits_.Put(level < 0 ? 0x80 : 0x00, 8);
      bits_.Put(level & 0xff, 8);
    }
  }
}

}  // namespace pistream::test
