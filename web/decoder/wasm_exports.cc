// The decoder as a WebAssembly module: no imports, one memory, one decoder. Pointers are offsets in
// the exported `memory`. Growing it detaches JavaScript's views of its buffer; only decoder_reserve
// grows it.
//
//   const d = (await WebAssembly.instantiate(bytes)).instance.exports;
//   // First of all, and after a status of kNeedsMemory:
//   d.decoder_reserve(width, height);
//   // For each message of at most decoder_input_capacity() bytes; after kNeedsMemory, once more:
//   new Uint8Array(d.memory.buffer, d.decoder_input()).set(message);
//   const status = d.decoder_decode(0, message.length);
//   // To show the picture:
//   const size = 4 * d.decoder_width() * d.decoder_height();
//   const pixels = new Uint8ClampedArray(d.memory.buffer, d.decoder_convert(), size);

#include "web/decoder/mpeg1_decoder.h"

// Defined by the linker: the first byte that the program does not use.
extern "C" unsigned char __heap_base;

namespace pistream {
namespace {

constexpr size_t kPageSize = 65536;
constexpr size_t kAlignment = 16;
// A coded picture is not larger than the picture itself; the minimum leaves room for data between
// small pictures.
constexpr size_t kMinInputCapacity = 512 * 1024;

Mpeg1Decoder decoder;
size_t position = 0;  // In the input, after what has been decoded.

// What follows __heap_base: input, RGBA, and the decoder's own memory.
uint8_t* input = nullptr;
size_t input_capacity = 0;
uint8_t* rgba = nullptr;

DecodedPicture Shown() { return decoder.Shown() != nullptr ? *decoder.Shown() : DecodedPicture{}; }

size_t Align(size_t size) { return (size + kAlignment - 1) / kAlignment * kAlignment; }

bool GrowMemoryTo(size_t size) {
  const size_t pages = (size + kPageSize - 1) / kPageSize;
  const size_t have = __builtin_wasm_memory_size(0);
  return pages <= have || __builtin_wasm_memory_grow(0, pages - have) != static_cast<size_t>(-1);
}

}  // namespace
}  // namespace pistream

extern "C" {

// Reserves memory for pictures of up to width x height samples, and for their bytes; discards all
// pictures. Returns 1, or 0 without a change if the size is invalid or memory is insufficient.
[[clang::export_name("decoder_reserve")]] int decoder_reserve(int width, int height) {
  // JavaScript has no namespaces.
  using namespace pistream;  // NOLINT(google-build-using-namespace)
  if (width <= 0 || width > Mpeg1Decoder::kMaxWidth) {
    return 0;
  }
  if (height <= 0 || height > Mpeg1Decoder::kMaxHeight) {
    return 0;
  }
  const size_t pixels = static_cast<size_t>(width) * static_cast<size_t>(height);
  const size_t capacity = Align(pixels * 3 / 2 + kMinInputCapacity);
  const size_t decoder_size = Mpeg1Decoder::MemorySize({width, height});
  const size_t rgba_size = decoder_size / 3 * 4;  // Of any picture that the decoder has memory for.
  const size_t base = Align(reinterpret_cast<size_t>(&__heap_base));
  if (!GrowMemoryTo(base + capacity + rgba_size + decoder_size)) {
    return 0;
  }
  input = reinterpret_cast<uint8_t*>(base);
  input_capacity = capacity;
  rgba = input + capacity;
  decoder.UseMemory(rgba + rgba_size, decoder_size);
  return 1;
}

// The address and the capacity of the input buffer. Both change only with decoder_reserve.
[[clang::export_name("decoder_input")]] uint8_t* decoder_input() { return pistream::input; }
[[clang::export_name("decoder_input_capacity")]] size_t decoder_input_capacity() {
  return pistream::input_capacity;
}

// Decodes the first picture in the bytes from `begin` to `end` of the input. Returns a
// DecodeStatus.
[[clang::export_name("decoder_decode")]] int decoder_decode(size_t begin, size_t end) {
  using namespace pistream;  // NOLINT(google-build-using-namespace)
  if (end > input_capacity || begin > end) {
    return static_cast<int>(DecodeStatus::kDamaged);
  }
  const DecodeResult result = decoder.Decode(input + begin, end - begin);
  position = begin + result.consumed;
  return static_cast<int>(result.status);
}

// The position in the input after the last decoder_decode. If it is not the end, another picture
// follows.
[[clang::export_name("decoder_position")]] size_t decoder_position() { return pistream::position; }

// The size in the last sequence header, to reserve after kNeedsMemory.
[[clang::export_name("decoder_announced_width")]] int decoder_announced_width() {
  return pistream::decoder.Announced().width;
}
[[clang::export_name("decoder_announced_height")]] int decoder_announced_height() {
  return pistream::decoder.Announced().height;
}

// The last decoded picture: its size, planes and strides. All 0 if there is none.
[[clang::export_name("decoder_width")]] int decoder_width() { return pistream::Shown().size.width; }
[[clang::export_name("decoder_height")]] int decoder_height() {
  return pistream::Shown().size.height;
}
[[clang::export_name("decoder_y")]] uint8_t* decoder_y() { return pistream::Shown().planes.y; }
[[clang::export_name("decoder_cb")]] uint8_t* decoder_cb() { return pistream::Shown().planes.cb; }
[[clang::export_name("decoder_cr")]] uint8_t* decoder_cr() { return pistream::Shown().planes.cr; }
[[clang::export_name("decoder_y_stride")]] int decoder_y_stride() {
  return pistream::Shown().planes.y_stride;
}
[[clang::export_name("decoder_c_stride")]] int decoder_c_stride() {
  return pistream::Shown().planes.c_stride;
}

// Converts the last decoded picture to RGBA, 4 * width * height bytes, and returns their address; 0
// if there is none.
[[clang::export_name("decoder_convert")]] uint8_t* decoder_convert() {
  const pistream::DecodedPicture* const picture = pistream::decoder.Shown();
  if (picture == nullptr) {
    return nullptr;
  }
  pistream::ConvertToRgba(*picture, pistream::rgba);
  return pistream::rgba;
}

}  // extern "C"
