// Feeds arbitrary bytes to the decoder, with exactly the memory it requests, so that sanitizers
// detect accesses beyond either end.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "web/decoder/mpeg1_decoder.h"

namespace {

using pistream::DecodeResult;
using pistream::DecodeStatus;
using pistream::Mpeg1Decoder;
using pistream::PictureSize;

// Larger pictures only take longer.
constexpr int kMaxPixels = 256 * 256;

struct Player {
  std::vector<uint8_t> memory;
  std::vector<uint8_t> rgba;
  Mpeg1Decoder decoder;

  bool GiveMemory() {
    const PictureSize size = decoder.Announced();
    if (size.width * size.height > kMaxPixels) return false;
    memory = std::vector<uint8_t>(Mpeg1Decoder::MemorySize(size));
    decoder.UseMemory(memory.data(), memory.size());
    return true;
  }

  void Show() {
    const auto [width, height] = decoder.Shown()->size;
    rgba = std::vector<uint8_t>(4 * static_cast<size_t>(width) * static_cast<size_t>(height));
    ConvertToRgba(*decoder.Shown(), rgba.data());
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Player player;
  while (size > 0) {
    const DecodeResult result = player.decoder.Decode(data, size);
    if (result.status == DecodeStatus::kNeedsMemory) {
      if (!player.GiveMemory()) return 0;
      continue;
    }
    // A call that consumes nothing would be repeated forever.
    if (result.consumed == 0 || result.consumed > size) std::abort();
    if (result.status == DecodeStatus::kPicture) player.Show();
    data += result.consumed;
    size -= result.consumed;
  }
  return 0;
}
