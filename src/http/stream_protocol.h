// The protocols by which viewers receive the pictures of a stream.
#pragma once

#include <cstddef>
#include <cstdint>

namespace pistream {

enum class StreamProtocol : uint8_t {
  kV1,         // a message for each picture, with a header: the subprotocol pistream.v1
  kPlain,      // a message for each picture
  kClassic,    // two messages for each picture, for players made for pistreaming
  kV1Chunked,  // as kV1, each message in a chunk of an HTTP response
};
inline constexpr size_t kStreamProtocols = 4;

// Whether pictures have headers, and both sides send control messages.
constexpr bool IsV1(StreamProtocol protocol) {
  return protocol == StreamProtocol::kV1 || protocol == StreamProtocol::kV1Chunked;
}

}  // namespace pistream
