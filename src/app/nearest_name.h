// Suggestions for mistyped names: "prot" is close to "port".
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace pistream {

// The name of `known` that was most likely meant by `wrong`: the one with the fewest letters added,
// left out, replaced or swapped, at most a third of them; otherwise one that contains `wrong`, or
// is contained in it. Nothing if none is close.
std::optional<std::string_view> NearestName(std::string_view wrong,
                                            std::span<const std::string_view> known);

}  // namespace pistream
