#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tests/unit/web_decoder/libavcodec_reference.h"
#include "web/decoder/mpeg1_decoder.h"

namespace pistream::test {

// Decodes with our decoder, in memory of its own that grows when it must.
class OurDecoder {
 public:
  // The first picture in the bytes, with more memory if it needs that.
  DecodeResult Decode(std::span<const uint8_t> bytes);

  // The picture shown; there must be one.
  SamplePlanes Shown() const;

  const Mpeg1Decoder& decoder() const { return decoder_; }

 private:
  std::vector<uint8_t> memory_;
  Mpeg1Decoder decoder_;
};

// Peak signal-to-noise ratio over all samples in dB; infinite where they are equal, 0 where the
// sizes differ.
double Psnr(const SamplePlanes& a, const SamplePlanes& b);

// What came of decoding a stream with ours and with libavcodec.
struct Comparison {
  int pictures = 0;
  int identical = 0;
  double min_psnr = 1000;  // 0 where one gave a picture and the other none.

  void Add(const Comparison& other);
};

// One that goes on from picture to picture.
class Comparer {
 public:
  // Decodes a coded picture with both.
  void Compare(std::span<const uint8_t> picture);

  const Comparison& result() const { return result_; }

 private:
  OurDecoder ours_;
  ReferenceDecoder reference_;
  Comparison result_;
};

}  // namespace pistream::test
