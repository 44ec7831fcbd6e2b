#include "src/app/nearest_name.h"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace pistream {
namespace {

constexpr size_t kLongestName = 64;  // longer ones are no typing mistakes
constexpr size_t kShortestPart = 3;  // of a name that is found within another

// The optimal string alignment distance, with three rows of its table.
size_t Distance(std::string_view a, std::string_view b) {
  std::vector<size_t> two_above(b.size() + 1);
  std::vector<size_t> above(b.size() + 1);
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) {
    above[j] = j;
  }
  for (size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], two_above[j - 2] + 1);
      }
    }
    std::swap(two_above, above);
    std::swap(above, row);
  }
  return above[b.size()];
}

bool Contains(std::string_view whole, std::string_view part) {
  return part.size() >= kShortestPart && whole.find(part) != std::string_view::npos;
}

}  // namespace

std::optional<std::string_view> NearestName(std::string_view wrong,
                                            std::span<const std::string_view> known) {
  if (wrong.empty() || wrong.size() > kLongestName) {
    return std::nullopt;
  }
  std::optional<std::string_view> nearest;
  size_t least = kLongestName;
  for (const std::string_view name : known) {
    const size_t distance = Distance(wrong, name);
    if (distance < least && 3 * distance <= std::max(wrong.size(), name.size())) {
      nearest = name;
      least = distance;
    }
  }
  if (nearest) {
    return nearest;
  }
  const auto part = std::ranges::find_if(
      known, [&](std::string_view name) { return Contains(name, wrong) || Contains(wrong, name); });
  return part == known.end() ? std::nullopt : std::optional(*part);
}

}  // namespace pistream
