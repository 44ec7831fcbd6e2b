// The memory of one decoded picture.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace pistream::mpeg1 {

// The planes of one picture of the coded size, in memory owned by someone else: Y, then Cb and Cr
// of half its width and height. Rows follow each other without a gap.
struct PicturePlanes {
  uint8_t* y = nullptr;
  uint8_t* cb = nullptr;
  uint8_t* cr = nullptr;
  int y_stride = 0;  // Bytes from one row to the next.
  int c_stride = 0;
};

constexpr size_t PicturePlanesSize(int coded_width, int coded_height) {
  return static_cast<size_t>(coded_width) * static_cast<size_t>(coded_height) * 3 / 2;
}

inline PicturePlanes MakePicturePlanes(uint8_t* memory, int coded_width, int coded_height) {
  const size_t y_size = static_cast<size_t>(coded_width) * static_cast<size_t>(coded_height);
  return {.y = memory,
          .cb = memory + y_size,
          .cr = memory + y_size + y_size / 4,
          .y_stride = coded_width,
          .c_stride = coded_width / 2};
}

}  // namespace pistream::mpeg1
