#include "web/decoder/picture_decoder.h"

#include "web/decoder/kernels.h"
#include "web/decoder/vlc_codes.h"

namespace pistream::mpeg1 {
namespace {

constexpr auto kAddressIncrements = MakeVlcTable<11>(kAddressIncrementCodes);
constexpr auto kIntraTypes = MakeVlcTable<2>(kIntraTypeCodes);
constexpr auto kPredictedTypes = MakeVlcTable<6>(kPredictedTypeCodes);
constexpr auto kBlockPatterns = MakeVlcTable<9>(kBlockPatternCodes);
constexpr auto kMotions = MakeVlcTable<11>(kMotionCodes);
constexpr auto kLumaDcSizes = MakeVlcTable<7>(kLumaDcSizeCodes);
constexpr auto kChromaDcSizes = MakeVlcTable<8>(kChromaDcSizeCodes);

constexpr int kBlocks = 6;  // Four of Y, then Cb, then Cr.
constexpr int kDcStep = 8;  // 2.4.4.1: the DC coefficient's quantiser.
constexpr int kInitialDcPrediction = 128 * kDcStep;
constexpr int kMaxDc = 255 * kDcStep;

// 2.4.2.6: as many zeros end a slice; no macroblock begins so.
constexpr int kEndOfSliceBits = 23;

constexpr int kEndOfSlice = 0;
constexpr int kBadIncrement = -1;

// 2.4.2.7: a macroblock_address_increment with its stuffing and escapes, or one of the two above.
int ReadAddressIncrement(BitReader& bits) {
  int increment = 0;
  for (;;) {
    bits.Refill();
    const auto entry = kAddressIncrements.Read(bits);
    if (entry.length == 0) {
      const bool at_end = increment == 0 && bits.Peek(kEndOfSliceBits) == 0;
      return at_end ? kEndOfSlice : kBadIncrement;
    }
    if (entry.value == kMacroblockEscape) {
      increment += 33;
    } else if (entry.value != kMacroblockStuffing) {
      return increment + entry.value;
    }
    if (increment > 0xffff) {
      return kBadIncrement;
    }
  }
}

PredictionSource SourceAt(const uint8_t* plane, int stride, int half_x, int half_y) {
  return {.samples = plane + (half_y >> 1) * stride + (half_x >> 1),
          .half_x = (half_x & 1) != 0,
          .half_y = (half_y & 1) != 0};
}

}  // namespace

PictureDecoder::PictureDecoder(const SequenceHeader& sequence, const PictureHeader& picture,
                               const PicturePlanes& current, const PicturePlanes& reference)
    : sequence_(sequence),
      picture_(picture),
      current_(current),
      reference_(reference),
      columns_(sequence.macroblock_columns()),
      rows_(sequence.macroblock_rows()) {}

bool PictureDecoder::DecodeSlice(int vertical_position, ByteSpan bytes) {
  bits_ = BitReader(bytes);
  if (!ReadSliceHeader()) {
    return false;
  }
  ResetDcPredictions();
  vector_ = {};
  if (!AtMacroblock(vertical_position - 1, ReadAddressIncrement(bits_))) {
    return false;
  }
  for (;;) {
    if (Complete() || !DecodeMacroblock()) {
      return false;
    }
    NextMacroblock();
    const int increment = ReadAddressIncrement(bits_);
    if (increment == kEndOfSlice) {
      return !bits_.Overrun();
    }
    if (increment == kBadIncrement || !SkipMacroblocks(increment - 1)) {
      return false;
    }
  }
}

bool PictureDecoder::ReadSliceHeader() {
  if (!ReadQuantiserScale()) {
    return false;
  }
  while (bits_.Read(1) != 0) {
    bits_.Read(8);  // extra_bit_slice, extra_information_slice
  }
  return true;
}

bool PictureDecoder::ReadQuantiserScale() {
  quantiser_scale_ = static_cast<int>(bits_.Read(5));
  return quantiser_scale_ != 0;
}

// Whether the first macroblock of a slice, given by the slice's row and its increment, is the next
// of the picture.
bool PictureDecoder::AtMacroblock(int row, int increment) const {
  return increment > 0 && row * columns_ + increment - 1 == row_ * columns_ + column_;
}

// 2.4.4.4: skipped macroblocks of a P picture are those of the reference. An I picture has none.
bool PictureDecoder::SkipMacroblocks(int count) {
  if (count == 0) {
    return true;
  }
  if (picture_.type == PictureType::kIntra) {
    return false;
  }
  ResetDcPredictions();
  vector_ = {};
  for (; count > 0; --count) {
    if (Complete() || !Predict()) {
      return false;
    }
    NextMacroblock();
  }
  return true;
}

void PictureDecoder::NextMacroblock() {
  if (++column_ == columns_) {
    column_ = 0;
    ++row_;
  }
}

bool PictureDecoder::DecodeMacroblock() {
  bits_.Refill();
  const bool predicted = picture_.type == PictureType::kPredicted;
  const int flags = predicted ? kPredictedTypes.Read(bits_).value : kIntraTypes.Read(bits_).value;
  if (flags == 0) {
    return false;
  }
  if ((flags & kMacroblockQuant) != 0 && !ReadQuantiserScale()) {
    return false;
  }
  if ((flags & kMacroblockIntra) != 0) {
    return DecodeIntraMacroblock();
  }
  return DecodePredictedMacroblock(flags);
}

bool PictureDecoder::DecodeIntraMacroblock() {
  vector_ = {};
  for (int i = 0; i < kBlocks; ++i) {
    int stride;
    uint8_t* samples = BlockSamples(i, stride);
    if (!DecodeIntraBlock(i < 4 ? 0 : i - 3, samples, stride)) {
      return false;
    }
  }
  return true;
}

bool PictureDecoder::DecodeIntraBlock(int component, uint8_t* samples, int stride) {
  int dc;
  if (!ReadDc(component, dc)) {
    return false;
  }
  block_.Set(0, dc);
  const Quantiser quantiser = {sequence_.intra_matrix.weights, quantiser_scale_};
  const bool good = ReadIntraAcCoefficients(bits_, quantiser, block_);
  TransformToSamples(block_, samples, stride);
  return good;
}

// 2.4.2.8, 2.4.4.1: dct_dc_size and dct_dc_differential.
bool PictureDecoder::ReadDc(int component, int& dc) {
  bits_.Refill();
  int size;
  if (component == 0) {
    const auto entry = kLumaDcSizes.Read(bits_);
    if (entry.length == 0) {
      return false;
    }
    size = entry.value;
  } else {
    const auto entry = kChromaDcSizes.Read(bits_);
    if (entry.length == 0) {
      return false;
    }
    size = entry.value;
  }
  int& prediction = dc_predictions_[component];
  if (size > 0) {
    int difference = static_cast<int>(bits_.Peek(size));
    bits_.Skip(size);
    if (difference >> (size - 1) == 0) {
      difference -= (1 << size) - 1;
    }
    prediction += difference * kDcStep;
  }
  dc = prediction;
  return dc >= 0 && dc <= kMaxDc;
}

bool PictureDecoder::DecodePredictedMacroblock(int flags) {
  ResetDcPredictions();
  if ((flags & kMacroblockMotionForward) == 0) {
    vector_ = {};
  } else if (!ReadVector()) {
    return false;
  }
  if (!Predict()) {
    return false;
  }
  if ((flags & kMacroblockPattern) == 0) {
    return true;
  }

  bits_.Refill();
  const int pattern = kBlockPatterns.Read(bits_).value;
  if (pattern == 0) {
    return false;
  }
  const Quantiser quantiser = {sequence_.non_intra_matrix.weights, quantiser_scale_};
  for (int i = 0; i < kBlocks; ++i) {
    if ((pattern & (1 << (kBlocks - 1 - i))) == 0) {
      continue;
    }
    const bool good = ReadNonIntraCoefficients(bits_, quantiser, block_);
    int stride;
    uint8_t* samples = BlockSamples(i, stride);
    TransformAndAdd(block_, samples, stride);
    if (!good) {
      return false;
    }
  }
  return true;
}

bool PictureDecoder::ReadVector() {
  return ReadVectorComponent(vector_.x) && ReadVectorComponent(vector_.y);
}

// 2.4.4.2: the difference to the vector before, modulo the range that forward_f_code gives.
bool PictureDecoder::ReadVectorComponent(int& component) {
  bits_.Refill();
  const auto entry = kMotions.Read(bits_);
  if (entry.length == 0) {
    return false;
  }
  if (entry.value == 0) {
    return true;
  }
  const int r_size = picture_.forward_r_size;
  int magnitude = (entry.value < 0 ? -entry.value : entry.value) - 1;
  magnitude <<= r_size;
  if (r_size > 0) {
    magnitude |= static_cast<int>(bits_.Peek(r_size));
    bits_.Skip(r_size);
  }
  ++magnitude;
  component += entry.value < 0 ? -magnitude : magnitude;
  const int range = 16 << r_size;
  if (component < -range) {
    component += 2 * range;
  }
  if (component >= range) {
    component -= 2 * range;
  }
  return true;
}

// Makes the macroblock the one that the vector points to. False if it points out of the picture
// (2.4.4.2 forbids it).
bool PictureDecoder::Predict() {
  const int to_half = picture_.full_pel_vectors ? 2 : 1;
  const int vector_x = vector_.x * to_half;
  const int vector_y = vector_.y * to_half;
  const int x = column_ * 2 * kMacroblockSize + vector_x;  // In half samples.
  const int y = row_ * 2 * kMacroblockSize + vector_y;
  if (x < 0 || x > (columns_ - 1) * 2 * kMacroblockSize) {
    return false;
  }
  if (y < 0 || y > (rows_ - 1) * 2 * kMacroblockSize) {
    return false;
  }
  PredictLuma(SourceAt(reference_.y, reference_.y_stride, x, y), current_.y + LumaOffset(),
              current_.y_stride);

  // Half of a vector that stays in the picture stays in it as well.
  const int chroma_x = column_ * kMacroblockSize + vector_x / 2;
  const int chroma_y = row_ * kMacroblockSize + vector_y / 2;
  const int stride = current_.c_stride;
  PredictChroma(SourceAt(reference_.cb, stride, chroma_x, chroma_y), current_.cb + ChromaOffset(),
                stride);
  PredictChroma(SourceAt(reference_.cr, stride, chroma_x, chroma_y), current_.cr + ChromaOffset(),
                stride);
  return true;
}

void PictureDecoder::ResetDcPredictions() {
  for (int& prediction : dc_predictions_) {
    prediction = kInitialDcPrediction;
  }
}

// Where block `index` of the macroblock goes.
uint8_t* PictureDecoder::BlockSamples(int index, int& stride) const {
  if (index < 4) {
    stride = current_.y_stride;
    return current_.y + LumaOffset() + (index & 1) * kBlockSize +
           static_cast<size_t>(index >> 1) * kBlockSize * static_cast<size_t>(stride);
  }
  stride = current_.c_stride;
  return (index == 4 ? current_.cb : current_.cr) + ChromaOffset();
}

size_t PictureDecoder::LumaOffset() const {
  return static_cast<size_t>(row_ * kMacroblockSize) * static_cast<size_t>(current_.y_stride) +
         static_cast<size_t>(column_ * kMacroblockSize);
}

size_t PictureDecoder::ChromaOffset() const {
  return static_cast<size_t>(row_ * kBlockSize) * static_cast<size_t>(current_.c_stride) +
         static_cast<size_t>(column_ * kBlockSize);
}

}  // namespace pistream::mpeg1
