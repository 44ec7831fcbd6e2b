#include "sim/stamp.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <ratio>

namespace pistream::sim {
namespace {

constexpr uint8_t kBlack = 16;  // limited range
constexpr uint8_t kWhite = 235;
constexpr int kChecksumBits = 16;

using TenMicroseconds = std::chrono::duration<int64_t, std::ratio<1, 100'000>>;

uint16_t Checksum(uint64_t payload, int bits) {
  uint16_t crc = 0x5049;
  for (int bit = bits - 1; bit >= 0; --bit) {
    const auto in = static_cast<uint16_t>((payload >> bit) & 1U);
    const bool feedback = ((crc >> 15) ^ in) != 0;
    crc = static_cast<uint16_t>(crc << 1);
    if (feedback) {
      crc ^= 0x1021;
    }
  }
  return crc;
}

uint64_t Pack(const Stamp& stamp) {
  const uint64_t payload = (uint64_t{stamp.frame} << 32) | stamp.capture_10us;
  return (payload << kChecksumBits) | Checksum(payload, kStampBits - kChecksumBits);
}

// Uses the mean of the cell's inner half, since its edges have ringing from its neighbours.
bool IsWhite(const uint8_t* luma, int stride, int cell_x, int cell_y) {
  constexpr int kMargin = kCell / 4;
  constexpr int kInner = kCell - 2 * kMargin;
  int sum = 0;
  for (int y = 0; y < kInner; ++y) {
    const uint8_t* row = luma + static_cast<std::ptrdiff_t>(cell_y * kCell + kMargin + y) * stride;
    for (int x = 0; x < kInner; ++x) {
      sum += row[cell_x * kCell + kMargin + x];
    }
  }
  return sum > (kBlack + kWhite) / 2 * kInner * kInner;
}

}  // namespace

std::optional<StampLayout> LayoutFor(Size size) {
  const int columns = size.width / kCell;
  const int rows = size.height / kCell;
  if (columns == 0) {
    return std::nullopt;
  }
  const int cells_per_row = std::min(columns, kMaximumCellsPerRow);
  const int rows_needed = (kStampBits + cells_per_row - 1) / cells_per_row;
  if (rows_needed > rows) {
    return std::nullopt;
  }
  return StampLayout{cells_per_row, rows_needed};
}

Stamp MakeStamp(uint64_t sequence, SteadyTime captured) {
  const auto time = std::chrono::floor<TenMicroseconds>(captured.time_since_epoch());
  return {static_cast<uint16_t>(sequence), static_cast<uint32_t>(time.count())};
}

void PaintStamp(const Stamp& stamp, Size size, uint8_t* luma, int stride) {
  const StampLayout layout = LayoutFor(size).value();
  const uint64_t bits = Pack(stamp);
  for (int bit = 0; bit < kStampBits; ++bit) {
    const bool white = ((bits >> (kStampBits - 1 - bit)) & 1U) != 0;
    const int x = bit % layout.cells_per_row * kCell;
    const int y = bit / layout.cells_per_row * kCell;
    for (int row = y; row < y + kCell; ++row) {
      std::memset(luma + static_cast<std::ptrdiff_t>(row) * stride + x, white ? kWhite : kBlack,
                  kCell);
    }
  }
}

std::optional<Stamp> ReadStamp(Size size, const uint8_t* luma, int stride) {
  const std::optional<StampLayout> layout = LayoutFor(size);
  if (!layout) {
    return std::nullopt;
  }
  uint64_t bits = 0;
  for (int bit = 0; bit < kStampBits; ++bit) {
    const bool white =
        IsWhite(luma, stride, bit % layout->cells_per_row, bit / layout->cells_per_row);
    bits = (bits << 1) | (white ? 1U : 0U);
  }
  const uint64_t payload = bits >> kChecksumBits;
  const Stamp stamp{static_cast<uint16_t>(payload >> 32), static_cast<uint32_t>(payload)};
  if (Pack(stamp) != bits) {
    return std::nullopt;
  }
  return stamp;
}

}  // namespace pistream::sim
