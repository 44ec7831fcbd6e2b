#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace pistream::test {

// Samples of one picture as shown: Y of width x height, then Cb and Cr of half of both, rounded up.
// Rows without a gap.
struct SamplePlanes {
  int width = 0;
  int height = 0;
  std::vector<uint8_t> y;
  std::vector<uint8_t> cb;
  std::vector<uint8_t> cr;

  bool operator==(const SamplePlanes&) const = default;
};

// libavcodec's MPEG-1 decoder, as the reference for pistream's.
class ReferenceDecoder {
 public:
  ReferenceDecoder();
  ~ReferenceDecoder();

  // Decodes one coded picture with the headers in front of it. None if libavcodec gives no picture,
  // or finds an error.
  std::optional<SamplePlanes> Decode(std::span<const uint8_t> picture);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

struct ReferenceEncoderOptions {
  int width = 0;
  int height = 0;
  int quantiser = 0;   // 1 to 31, for every picture; 0: by bitrate.
  int bitrate = 0;     // Bits a second, at 25 pictures a second; only with quantiser 0.
  int gop = 12;        // Pictures from one I picture to the next.
  int b_pictures = 0;  // Between two others.
  int slices = 1;
  int motion_range = 0;  // Samples; 0: libavcodec's choice.
  // Raster order; empty: the standard's.
  std::vector<uint16_t> intra_matrix = {};
  std::vector<uint16_t> non_intra_matrix = {};
};

// libavcodec's MPEG-1 encoder.
class ReferenceEncoder {
 public:
  explicit ReferenceEncoder(const ReferenceEncoderOptions& options);
  ~ReferenceEncoder();

  // The coded pictures that this one brings out: one, but with B pictures none or more.
  std::vector<std::vector<uint8_t>> Encode(const SamplePlanes& picture);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace pistream::test
