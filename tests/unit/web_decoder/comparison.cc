#include "tests/unit/web_decoder/comparison.h"

#include <algorithm>
#include <cmath>

namespace pistream::test {
namespace {

std::vector<uint8_t> CopyPlane(const uint8_t* from, int stride, int width, int height) {
  std::vector<uint8_t> plane;
  for (int row = 0; row < height; ++row, from += stride) {
    plane.insert(plane.end(), from, from + width);
  }
  return plane;
}

double SquaredErrors(const std::vector<uint8_t>& a, const std::vector<uint8_t>& b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    const double difference = static_cast<double>(a[i]) - b[i];
    sum += difference * difference;
  }
  return sum;
}

}  // namespace

DecodeResult OurDecoder::Decode(std::span<const uint8_t> bytes) {
  const DecodeResult result = decoder_.Decode(bytes.data(), bytes.size());
  if (result.status != DecodeStatus::kNeedsMemory) return result;
  memory_.resize(Mpeg1Decoder::MemorySize(decoder_.Announced()));
  decoder_.UseMemory(memory_.data(), memory_.size());
  return decoder_.Decode(bytes.data(), bytes.size());
}

SamplePlanes OurDecoder::Shown() const {
  const DecodedPicture& picture = *decoder_.Shown();
  const auto [width, height] = picture.size;
  const int c_width = (width + 1) / 2;
  const int c_height = (height + 1) / 2;
  const mpeg1::PicturePlanes& planes = picture.planes;
  return {.width = width,
          .height = height,
          .y = CopyPlane(planes.y, planes.y_stride, width, height),
          .cb = CopyPlane(planes.cb, planes.c_stride, c_width, c_height),
          .cr = CopyPlane(planes.cr, planes.c_stride, c_width, c_height)};
}

double Psnr(const SamplePlanes& a, const SamplePlanes& b) {
  if (a.width != b.width || a.height != b.height) return 0;
  const double errors =
      SquaredErrors(a.y, b.y) + SquaredErrors(a.cb, b.cb) + SquaredErrors(a.cr, b.cr);
  const auto samples = static_cast<double>(a.y.size() + a.cb.size() + a.cr.size());
  return 10 * std::log10(255.0 * 255.0 * samples / errors);
}

void Comparison::Add(const Comparison& other) {
  pictures += other.pictures;
  identical += other.identical;
  min_psnr = std::min(min_psnr, other.min_psnr);
}

void Comparer::Compare(std::span<const uint8_t> picture) {
  ++result_.pictures;
  const DecodeResult decoded = ours_.Decode(picture);
  const auto expected = reference_.Decode(picture);
  if (decoded.status != DecodeStatus::kPicture || !expected) {
    result_.min_psnr = 0;
    return;
  }
  const SamplePlanes shown = ours_.Shown();
  if (shown == *expected) {
    ++result_.identical;
  } else {
    result_.min_psnr = std::min(result_.min_psnr, Psnr(shown, *expected));
  }
}

}  // namespace pistream::test
