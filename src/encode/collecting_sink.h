// A PictureSink for tests that keeps what it is given.
#pragma once

#include <utility>
#include <vector>

#include "src/base/result.h"
#include "src/encode/encoder.h"

namespace pistream {

class CollectingSink final : public PictureSink {
 public:
  void OnPicture(PicturePtr picture) override { pictures.push_back(std::move(picture)); }

  std::vector<PicturePtr> pictures;
};

// The picture of one frame, by an encoder that gives exactly one for each: anything else is an
// error.
inline Result<PicturePtr> EncodeOne(Encoder& encoder, Frame frame, bool keyframe = false) {
  CollectingSink sink;
  if (auto encoded = encoder.Encode(std::move(frame), {.keyframe = keyframe}, sink); !encoded) {
    return tl::unexpected(std::move(encoded).error());
  }
  if (sink.pictures.size() != 1) {
    return Fail("{} pictures came out of one call", sink.pictures.size());
  }
  return sink.pictures.front();
}

}  // namespace pistream
