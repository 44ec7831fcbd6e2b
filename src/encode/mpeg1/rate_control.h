// Chooses the quantiser of each picture so that the stream keeps its bitrate. Pure arithmetic; the
// reasons: docs/decisions/0003-rate-control.md.
#pragma once

#include <cstdint>
#include <optional>

#include "src/base/clock.h"
#include "src/media/picture.h"
#include "src/media/video_format.h"

namespace pistream {

struct RateControlConfig {
  int64_t bitrate_bps = 0;
  FrameRate framerate;
  int gop_pictures = 0;
  // The size of the smallest I picture of this frame size, whatever it shows.
  int64_t smallest_intra_bits = 0;
  // The size of a picture that repeats the one before.
  int64_t repeat_bits = 0;
  // The limit for every picture.
  int64_t largest_picture_bits = 0;
};

// A token bucket (leaky bucket) of bits: it fills at the configured bitrate, holds at most 0.9
// seconds' worth, and every picture is taken out of it. A stream that never takes more than the
// bucket holds stays within 109 % of the bitrate over any 10 seconds. P pictures leave enough for
// one requested keyframe; a second one overdraws the bucket.
//
// For each frame: Advance(); for each attempt to encode it Limit(), Quantiser() and OnAttempt();
// then OnSent() or OnRepeatSent() for the picture that is sent. Not thread-safe.
class RateControl {
 public:
  // The range of quantizer_scale in use. At 1, coefficients of sharp edges exceed MPEG-1's range
  // (2.4.3.7: -255 to 255), and libavcodec clips them.
  static constexpr int kFinest = 2;
  static constexpr int kCoarsest = 31;

  explicit RateControl(const RateControlConfig& config);

  // The lowest bitrate at which a stream of repeats and I pictures of `smallest_intra_bits` keeps
  // to the bound: the I pictures of the GOP plan, and one requested keyframe each half second.
  static int64_t MinimumBitrate(const RateControlConfig& config);

  // Keeps to `limit_bps`, above 0, where that is less than the configured bitrate, and lets no
  // picture occupy a line that carries as much for long: an I picture at most
  // kLimitedIntraSeconds, unless the smallest possible one is larger, and pictures that follow each
  // other at most kLimitedBucketSeconds together. Plans with LimitedGopPictures(). Nothing: as
  // configured.
  void SetLimit(std::optional<int64_t> limit_bps);
  static constexpr double kLimitedIntraSeconds = 0.17;
  static constexpr double kLimitedBucketSeconds = 0.25;
  // The pictures from one I picture to the next with a limit: ten seconds.
  int LimitedGopPictures() const;

  // Begins the next frame. The bucket fills by the frames' capture times, so that a camera slower
  // or faster than its nominal rate still gets the configured bitrate.
  void Advance(SteadyTime captured);

  // The largest size, in bits, that a picture of this type may have now. For an I picture never
  // less than the smallest possible.
  int64_t Limit(PictureType type) const;
  // The quantiser for the first attempt at a picture of this type.
  int Quantiser(PictureType type) const;
  // Whether a P picture, if coarse enough, is likely to keep to its limit and to its share of the
  // bits available until the next I picture. If not, repeating the previous picture saves bits.
  bool PredictedFits() const;
  // Whether the bucket holds enough for an I picture that neither the GOP plan nor a viewer
  // requested.
  bool IntraFits() const;
  // Whether a P picture of `bits` indicates a scene cut: an I picture would be no larger. Call it
  // before OnAttempt(). The size of such a P picture does not predict that of the next one, so if
  // it is discarded, it must not be reported to OnAttempt().
  bool IsSceneCut(int quantiser, int64_t bits) const;

  // Reports that an attempt produced a picture of `bits`, whether it is sent or discarded.
  void OnAttempt(PictureType type, int quantiser, int64_t bits);
  // Reports that a picture other than a repeat was sent.
  void OnSent(PictureType type, int64_t bits);
  // Reports that a picture that repeats the previous one was sent.
  void OnRepeatSent(int64_t bits);

 private:
  double IntraCap() const;
  double ShareOfIntra() const;
  double ShareOfPredicted() const;
  int PicturesToPlan() const;
  int PicturesInBucket() const;
  double IntraToSaveFor() const;
  bool CanRefineTo(int quantiser) const;

  double MeanBits() const;

  const RateControlConfig config_;
  // These follow from the limit.
  bool is_limited_ = false;
  double bitrate_bps_;
  int gop_pictures_;
  double mean_bits_;           // of a picture, at the nominal frame rate
  double capacity_bits_;       // of the bucket
  double largest_intra_bits_;  // if the bucket has them
  double level_bits_;          // in the bucket
  double income_bits_;         // that a frame time adds, smoothed
  // Size in bits times quantiser: roughly constant for the same content at any quantiser.
  double intra_cost_;
  double predicted_cost_;
  int last_quantiser_ = 0;  // of the last reported attempt; 0: none yet
  // The quantiser of most of what viewers see.
  int displayed_quantiser_ = 0;
  int since_intra_ = 0;              // pictures sent after the last I picture
  int repeats_ = 0;                  // of the displayed picture
  int since_predicted_attempt_ = 0;  // frames
  std::optional<SteadyTime> last_captured_;
};

}  // namespace pistream
