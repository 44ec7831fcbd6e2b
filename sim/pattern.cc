#include "sim/pattern.h"

#include <algorithm>
#include <chrono>
#include <cstring>

#include "sim/overlay.h"
#include "sim/texture.h"

namespace pistream::sim {
namespace {

int Even(int pixels) { return pixels & ~1; }

// 0..span and back to 0 in each period.
int Bounce(int64_t time_us, int64_t period_us, int span) {
  const int64_t half = period_us / 2;
  const int64_t phase = ((time_us % period_us) + period_us) % period_us;
  return static_cast<int>((phase < half ? phase : period_us - phase) * span / half);
}

uint64_t LoadReversed(const uint8_t* bytes) {
  uint64_t word = 0;
  std::memcpy(&word, bytes, sizeof(word));
  return __builtin_bswap64(word);
}

// std::reverse, eight bytes at a time: the compiler does not vectorise it.
void ReverseRow(uint8_t* begin, uint8_t* end) {
  constexpr std::ptrdiff_t kWord = sizeof(uint64_t);
  while (end - begin >= 2 * kWord) {
    end -= kWord;
    const uint64_t left = LoadReversed(begin);
    const uint64_t right = LoadReversed(end);
    std::memcpy(begin, &right, kWord);
    std::memcpy(end, &left, kWord);
    begin += kWord;
  }
  std::reverse(begin, end);
}

void Mirror(const MutablePlane& plane, int width, int height) {
  for (int y = 0; y < height; ++y) {
    ReverseRow(plane.Row(y), plane.Row(y) + width);
  }
}

MutablePlane UpsideDown(const MutablePlane& plane, int height) {
  return {plane.Row(height - 1), -plane.stride};
}

int BarEdge(Size size, int bar) { return Even(size.width * bar / kBars); }

}  // namespace

PatternLayout LayoutPattern(Size size) {
  PatternLayout layout;
  layout.stamp = StampBand(size);
  layout.footer = FooterBand(size, layout.stamp.bottom());
  const int below = size.height - layout.stamp.bottom();
  layout.bars = {0, 0, size.width, Even(layout.stamp.bottom() + below * 2 / 5)};
  layout.moving = {0, layout.bars.bottom(), size.width, size.height - layout.bars.bottom()};
  return layout;
}

Rect VisibleBar(Size size, int bar, Flips flips) {
  const PatternLayout layout = LayoutPattern(size);
  const int left = BarEdge(size, bar);
  const int right = BarEdge(size, bar + 1);
  const int footer_top = layout.footer.empty() ? size.height : layout.footer.y;
  const int top = std::max(flips.vertical ? layout.moving.height : 0, layout.stamp.bottom());
  const int bottom = std::min(flips.vertical ? size.height : layout.bars.bottom(), footer_top);
  return {flips.horizontal ? size.width - right : left, top, right - left,
          std::max(0, bottom - top)};
}

Pattern::Pattern(Size size, uint32_t seed) : size_(size), layout_(LayoutPattern(size)) {
  MakeBars();
  MakePlate();
  MakeDiscs(seed);
}

void Pattern::MakeBars() {
  const auto width = static_cast<size_t>(size_.width);
  bar_rows_ = {std::vector<uint8_t>(width), std::vector<uint8_t>(width / 2),
               std::vector<uint8_t>(width / 2)};
  const MutablePlanes rows{MutablePlane{bar_rows_[0].data(), size_.width},
                           MutablePlane{bar_rows_[1].data(), size_.width / 2},
                           MutablePlane{bar_rows_[2].data(), size_.width / 2}};
  for (int bar = 0; bar < kBars; ++bar) {
    const int left = BarEdge(size_, bar);
    const auto bytes = static_cast<size_t>(BarEdge(size_, bar + 1) - left);
    const Colour& colour = kBarColours[static_cast<size_t>(bar)];
    std::memset(rows[0].data + left, colour.y, bytes);
    std::memset(rows[1].data + left / 2, colour.u, bytes / 2);
    std::memset(rows[2].data + left / 2, colour.v, bytes / 2);
  }
}

void Pattern::MakePlate() {
  plate_drift_ = Even(size_.width / 4);
  plate_width_ = size_.width + plate_drift_;
  plate_ = ZonePlate({plate_width_, layout_.moving.height + plate_drift_});
  tint_rows_ = {Gradient(size_.width / 2, 158, 138), Gradient(size_.width / 2, 108, 134)};
}

void Pattern::MakeDiscs(uint32_t seed) {
  constexpr std::array<Colour, kDiscs> kColours = {
      {{150, 82, 168}, {126, 146, 78}, {112, 120, 186}, {162, 60, 134}, {118, 176, 112}}};
  constexpr int kSmallest = 16;
  const int size = std::min(layout_.moving.height * 2 / 5, size_.width / 5) & ~3;
  if (size < kSmallest) {
    return;
  }
  disc_size_ = size;
  disc_insets_ = DiscInsets(size);
  for (uint32_t i = 0; i < kDiscs; ++i) {
    Disc& disc = discs_[i];
    const uint32_t random = Hash(seed, i, 0);
    disc.colour = kColours[i];
    disc.luma = DiscTexture(size, disc.colour.y, random);
    disc.period_x_us = 7'000'000 + Hash(random, 1, 0) % 6'000'000;
    disc.period_y_us = 2'000'000 + Hash(random, 2, 0) % 2'500'000;
    disc.phase_x_us = Hash(random, 3, 0) % disc.period_x_us;
    disc.phase_y_us = Hash(random, 4, 0) % disc.period_y_us;
  }
}

void Pattern::Paint(uint64_t sequence, SteadyTime captured, Flips flips,
                    const MutablePlanes& planes) const {
  const int64_t time_us =
      std::chrono::floor<std::chrono::microseconds>(captured.time_since_epoch()).count();
  const Size chroma{size_.width / 2, size_.height / 2};
  MutablePlanes scene = planes;
  if (flips.vertical) {
    scene = {UpsideDown(planes[0], size_.height), UpsideDown(planes[1], chroma.height),
             UpsideDown(planes[2], chroma.height)};
  }
  PaintBars(scene);
  PaintPlate(time_us, scene);
  for (const Disc& disc : discs_) {
    PaintDisc(disc, time_us, scene);
  }
  if (flips.horizontal) {
    Mirror(planes[0], size_.width, size_.height);
    Mirror(planes[1], chroma.width, chroma.height);
    Mirror(planes[2], chroma.width, chroma.height);
  }
  PaintStampBand(layout_.stamp, size_, sequence, captured, planes);
  PaintFooter(layout_.footer, sequence, captured, planes);
}

void Pattern::PaintBars(const MutablePlanes& planes) const {
  for (size_t plane = 0; plane < planes.size(); ++plane) {
    const int rows = plane == 0 ? layout_.bars.height : layout_.bars.height / 2;
    for (int y = 0; y < rows; ++y) {
      std::memcpy(planes[plane].Row(y), bar_rows_[plane].data(), bar_rows_[plane].size());
    }
  }
}

void Pattern::PaintPlate(int64_t time_us, const MutablePlanes& planes) const {
  constexpr int64_t kPeriodX = 9'000'000;
  constexpr int64_t kPeriodY = 7'000'000;
  const int x = Bounce(time_us, kPeriodX, plate_drift_);
  const int y = Bounce(time_us, kPeriodY, plate_drift_);
  const Rect& area = layout_.moving;
  const uint8_t* source = plate_.data() + static_cast<std::ptrdiff_t>(y) * plate_width_ + x;
  for (int row = 0; row < area.height; ++row, source += plate_width_) {
    std::memcpy(planes[0].Row(area.y + row), source, static_cast<size_t>(area.width));
  }
  for (int row = area.y / 2; row < area.bottom() / 2; ++row) {
    std::memcpy(planes[1].Row(row), tint_rows_[0].data(), tint_rows_[0].size());
    std::memcpy(planes[2].Row(row), tint_rows_[1].data(), tint_rows_[1].size());
  }
}

void Pattern::PaintDisc(const Disc& disc, int64_t time_us, const MutablePlanes& planes) const {
  if (disc_size_ == 0) {
    return;
  }
  const int bottom = layout_.footer.empty() ? size_.height : layout_.footer.y;
  const int x =
      Bounce(time_us + disc.phase_x_us, disc.period_x_us, layout_.moving.width - disc_size_);
  const int y = layout_.moving.y + Bounce(time_us + disc.phase_y_us, disc.period_y_us,
                                          bottom - layout_.moving.y - disc_size_);
  const uint8_t* source = disc.luma.data();
  for (int row = 0; row < disc_size_; ++row, source += disc_size_) {
    const int inset = disc_insets_[static_cast<size_t>(row)];
    std::memcpy(planes[0].Row(y + row) + x + inset, source + inset,
                static_cast<size_t>(disc_size_ - 2 * inset));
  }
  for (int row = 0; row < disc_size_ / 2; ++row) {
    const int inset = disc_insets_[2 * static_cast<size_t>(row)] / 2;
    const auto bytes = static_cast<size_t>(disc_size_ / 2 - 2 * inset);
    std::memset(planes[1].Row(y / 2 + row) + x / 2 + inset, disc.colour.u, bytes);
    std::memset(planes[2].Row(y / 2 + row) + x / 2 + inset, disc.colour.v, bytes);
  }
}

}  // namespace pistream::sim
