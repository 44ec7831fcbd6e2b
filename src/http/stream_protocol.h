// The protocols by which viewers receive the pictures of a stream.
#pragma once

#include <cstddef>
#include <cstdint>

namespace pistream {

enum class StreamProtocol : uint8_t {
  kV1,       // a message for each picture, with a header: the subprotocol pistream.v1
  kPlain,    // a message for each picture
  kClassic,  // two messages for each picture, for players made for pistreaming
};
inline constexpr size_t kStreamProtocols = 3;

}  // namespace pistream
