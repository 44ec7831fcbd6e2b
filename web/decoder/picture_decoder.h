// Decodes the slices of one picture into memory of the caller. Created for each picture, used by
// one thread.
#pragma once

#include <stdint.h>

#include "web/decoder/bit_reader.h"
#include "web/decoder/block.h"
#include "web/decoder/byte_span.h"
#include "web/decoder/headers.h"
#include "web/decoder/picture.h"

namespace pistream::mpeg1 {

// Decodes the slices of one I or P picture: ISO/IEC 11172-2, 2.4.2.6 to 2.4.2.8 and 2.4.4.
//
// In MPEG-1, slices cover a picture from its first macroblock to its last without a gap (2.4.2.6),
// so a macroblock at any other position is damage. Damage is reported by return values; the decoder
// never reads or writes outside of the memory passed to it.
class PictureDecoder {
 public:
  // `reference` is only read, and only for a P picture. All arguments must outlive the decoder; the
  // planes have the size in `sequence` and do not overlap.
  PictureDecoder(const SequenceHeader& sequence, const PictureHeader& picture,
                 const PicturePlanes& current, const PicturePlanes& reference);

  // Decodes the slice whose start code ends in `vertical_position` (1 to 175) from the bytes after
  // that code. False if the slice, and so the picture, is damaged.
  bool DecodeSlice(int vertical_position, ByteSpan bytes);

  // Whether every macroblock has been decoded.
  bool Complete() const { return row_ == rows_; }

 private:
  struct Vector {
    int x = 0;  // Half samples, or whole ones with full_pel_vectors.
    int y = 0;
  };

  bool ReadSliceHeader();
  bool ReadQuantiserScale();
  bool AtMacroblock(int row, int increment) const;
  bool SkipMacroblocks(int count);
  void NextMacroblock();

  bool DecodeMacroblock();
  bool DecodeIntraMacroblock();
  bool DecodePredictedMacroblock(int flags);
  bool DecodeIntraBlock(int component, uint8_t* samples, int stride);
  bool ReadDc(int component, int& dc);
  bool ReadVector();
  bool ReadVectorComponent(int& component);
  bool Predict();

  void ResetDcPredictions();
  uint8_t* BlockSamples(int index, int& stride) const;
  size_t LumaOffset() const;
  size_t ChromaOffset() const;

  const SequenceHeader& sequence_;
  const PictureHeader& picture_;
  const PicturePlanes& current_;
  const PicturePlanes& reference_;
  const int columns_;
  const int rows_;

  int column_ = 0;  // Of the next macroblock.
  int row_ = 0;

  // The state of a slice.
  BitReader bits_;
  int quantiser_scale_ = 0;
  int dc_predictions_[3] = {};
  Vector vector_;

  Block block_;
};

}  // namespace pistream::mpeg1
