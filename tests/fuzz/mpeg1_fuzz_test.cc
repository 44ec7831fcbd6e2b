// Looks for start codes in any bytes, and compares with the obvious way to do it; a summary is only
// given of bytes that have what it tells.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <span>

#include "tests/support/mpeg1.h"

namespace pistream::wire {
namespace {

using Bytes = std::span<const uint8_t>;

void Require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

std::optional<FoundStartCode> FindTheObviousWay(Bytes bytes, size_t from) {
  for (size_t i = from; i + 4 <= bytes.size(); ++i) {
    if (bytes[i] == 0 && bytes[i + 1] == 0 && bytes[i + 2] == 1) {
      return FoundStartCode{i, bytes[i + 3]};
    }
  }
  return std::nullopt;
}

void CheckFind(Bytes bytes, size_t from) {
  const auto found = FindStartCode(bytes, from);
  const auto expected = FindTheObviousWay(bytes, from);
  Require(found.has_value() == expected.has_value());
  Require(!found || (found->offset == expected->offset && found->code == expected->code));
}

void CheckSummary(Bytes bytes) {
  const auto summary = SummarizePicture(bytes);
  if (!summary) {
    return;
  }
  Require(FindTheObviousWay(bytes, 0)->offset == 0);
  Require(summary->slices >= 1);
  Require(summary->temporal_reference >= 0 && summary->temporal_reference < 1024);
  if (summary->size) {
    Require(summary->type == PictureType::kIntra);
    Require(summary->size->width >= 1 && summary->size->width < 4096);
    Require(summary->size->height >= 1 && summary->size->height < 4096);
  }
}

}  // namespace
}  // namespace pistream::wire

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace pistream::wire;  // NOLINT(google-build-using-namespace)
  const Bytes bytes(data, size);
  for (size_t from = 0; from <= size && from < 64; ++from) {
    CheckFind(bytes, from);
  }
  CheckSummary(bytes);
  return 0;
}
