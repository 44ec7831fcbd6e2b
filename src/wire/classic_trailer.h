// What the classic path sends behind each picture so that the original player shows it at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace pistream::wire {

// The payload of a message of its own, the same behind every picture. In order:
//
//   00 00 01 B7              sequence end: a decoder ends the picture here
//   48 zeros                 stuffing
//   00 00 01 00 00 1F FF F8  the header of a B picture that has no slices
//   00 00 01 B7              sequence end, so that the B picture stays empty
//   00 00 01 01 00           a slice of no picture
//   48 zeros
//
// The original player decodes a picture when it meets the next picture's start code, one in each
// message at most: here it is. It asks for one animation frame a message and decodes in each, going
// on where it stopped; the zeros are what it finds then, instead of a longer picture's remains. It
// leaves B pictures out, as JSMpeg 1.0 does. libavcodec needs the second end: it gives an empty
// picture the slices of the next one. Its format probe takes a stream for MPEG-1 only if there are
// about as many slices as pictures: hence the last one, which nobody decodes.
// Measured: docs/decisions/0004-classic-framing.md.
inline constexpr size_t kClassicTrailerBytes = 117;

// Of static storage.
std::span<const uint8_t, kClassicTrailerBytes> ClassicTrailer();

}  // namespace pistream::wire
