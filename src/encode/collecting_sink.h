// A PictureSink for tests that stores the pictures it receives.
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

// Encodes one frame by an encoder that returns exactly one picture for each; fails if it does not.
inline Result<PicturePtr> EncodeOne(Encoder& encoder, Frame frame, bool keyframe = false) {
  CollectingSink sink;
  if (auto encoded = encoder.Encode(std::move(frame), {.keyframe = keyframe}, sink); !encoded) {
    return tl::unexpected(std::move(encoded).error());
  }
  if (sink.pictures.size() != 1) {
    return Fail("the encoder returned {} pictures for one frame", sink.pictures.size());
  }
  return sink.pictures.front();
}

}  // namespace pistream
