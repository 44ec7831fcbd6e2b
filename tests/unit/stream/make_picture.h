// Pictures for tests that do not decode the bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "src/media/picture.h"

namespace pistream {

inline PicturePtr MakePicture(PictureType type, uint64_t sequence, size_t bytes = 100) {
  auto picture = std::make_shared<Picture>();
  picture->bytes.resize(bytes);
  picture->type = type;
  picture->size = {640, 480};
  picture->sequence = sequence;
  return picture;
}

inline PicturePtr IntraPicture(uint64_t sequence, size_t bytes = 100) {
  return MakePicture(PictureType::kIntra, sequence, bytes);
}

inline PicturePtr PredictedPicture(uint64_t sequence, size_t bytes = 100) {
  return MakePicture(PictureType::kPredicted, sequence, bytes);
}

}  // namespace pistream
