#include "sim/bt709.h"

#include <algorithm>
#include <cmath>

namespace pistream::sim {
namespace {

// ITU-R BT.601-7 2.5 and BT.709-6 3.2: luma is kRed R + kGreen G + kBlue B.
struct Weights {
  double red;
  double blue;
  double green() const { return 1 - red - blue; }
};
constexpr Weights kBt601{0.299, 0.114};
constexpr Weights kBt709{0.2126, 0.0722};

// Of full scale 1 for luma, from -1/2 to 1/2 for chroma.
struct Sample {
  double y = 0;
  double cb = 0;
  double cr = 0;
};

Sample ToBt709(const Sample& from) {
  const double red = from.y + 2 * (1 - kBt601.red) * from.cr;
  const double blue = from.y + 2 * (1 - kBt601.blue) * from.cb;
  const double green = (from.y - kBt601.red * red - kBt601.blue * blue) / kBt601.green();
  const double y = kBt709.red * red + kBt709.green() * green + kBt709.blue * blue;
  return {
      .y = y, .cb = (blue - y) / (2 * (1 - kBt709.blue)), .cr = (red - y) / (2 * (1 - kBt709.red))};
}

constexpr double kLumaScale = 219;
constexpr double kChromaScale = 224;

double FromLuma(uint8_t byte) { return (byte - 16) / kLumaScale; }
double FromChroma(uint8_t byte) { return (byte - 128) / kChromaScale; }

uint8_t ToByte(double value) {
  return static_cast<uint8_t>(std::clamp(std::lround(value), 1L, 254L));
}

}  // namespace

void ConvertToBt709(Size size, const MutablePlanes& planes) {
  for (int row = 0; row < size.height / 2; ++row) {
    for (int column = 0; column < size.width / 2; ++column) {
      uint8_t& cb = planes[1].Row(row)[column];
      uint8_t& cr = planes[2].Row(row)[column];
      // The new chroma depends only on the old; the change of luma is the same for all four pixels.
      const Sample change = ToBt709({.y = 0, .cb = FromChroma(cb), .cr = FromChroma(cr)});
      for (int y = 2 * row; y < 2 * row + 2; ++y) {
        for (int x = 2 * column; x < 2 * column + 2; ++x) {
          uint8_t& luma = planes[0].Row(y)[x];
          luma = ToByte(16 + kLumaScale * (FromLuma(luma) + change.y));
        }
      }
      cb = ToByte(128 + kChromaScale * change.cb);
      cr = ToByte(128 + kChromaScale * change.cr);
    }
  }
}

}  // namespace pistream::sim
