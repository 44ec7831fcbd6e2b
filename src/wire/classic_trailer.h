// The message that the classic path sends after each picture, so that the original player shows the
// picture immediately.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace pistream::wire {

// The payload of a separate message, the same after every picture. In order:
//
//   00 00 01 B7              sequence end: a decoder ends the picture here
//   48 zeros                 stuffing
//   00 00 01 00 00 1F FF F8  the header of a B picture that has no slices
//   00 00 01 B7              sequence end, so that the B picture stays empty
//   00 00 01 01 00           a slice that belongs to no picture
//   48 zeros
//
// The original player decodes a picture when it finds the next picture's start code, at most one in
// each message; the B picture's is that. It requests an animation frame for each message, and
// decodes in each from where it stopped; there it finds the zeros instead of the rest of an
// earlier, longer picture. It skips B pictures, as JSMpeg 1.0 does. libavcodec needs the second
// sequence end, without which it assigns the slices of the next picture to an empty one. Its format
// probe detects MPEG-1 only if there are about as many slices as pictures: hence the last slice,
// which nobody decodes. Measurements: docs/decisions/0004-classic-framing.md.
inline constexpr size_t kClassicTrailerBytes = 117;

// Of static storage.
std::span<const uint8_t, kClassicTrailerBytes> ClassicTrailer();

}  // namespace pistream::wire
