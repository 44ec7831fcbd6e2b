// Decides how coarse each picture is, so that the stream keeps its bitrate. Pure arithmetic; why it
// is so: docs/decisions/0003-rate-control.md.
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
  // What the smallest I picture of this size takes, whatever it shows.
  int64_t smallest_intra_bits = 0;
  // A picture that repeats the one before.
  int64_t repeat_bits = 0;
  // No picture may be larger.
  int64_t largest_picture_bits = 0;
};

// A bucket of bits that fills at the asked bitrate, up to 0.9 seconds' worth, and out of which
// every picture is paid: a stream that never takes more than is there stays, over any 10 seconds,
// within 109 % of the bitrate. P pictures leave enough for an I picture that is asked for out of
// turn; a second one is paid on credit.
//
// For each frame: Advance(); then for each attempt to code it a look at the limit and the
// quantiser, and Tried(); then Sent() for what goes out. Not thread-safe.
class RateControl {
 public:
  // The range of quantizer_scale in use. At 1, coefficients of sharp edges leave MPEG-1's range
  // (2.4.3.7: -255 to 255), and libavcodec cuts them off.
  static constexpr int kFinest = 2;
  static constexpr int kCoarsest = 31;

  explicit RateControl(const RateControlConfig& config);

  // The least bitrate that holds with nothing but repeats and I pictures of `smallest_intra_bits`:
  // those of the plan, and one each half second on request.
  static int64_t MinimumBitrate(const RateControlConfig& config);

  // The next frame. Time is the frames' own, so that a camera slower or faster than it said still
  // gets the asked bitrate.
  void Advance(SteadyTime captured);

  // The most bits that a picture of this type may take now. For an I picture never less than the
  // smallest possible.
  int64_t Limit(PictureType type) const;
  // What the picture is best coded with.
  int Quantiser(PictureType type) const;
  // Whether a P picture, coarse enough, is likely to keep to its limit and to its share of what is
  // there until the next I picture. Else the picture before is better repeated, which saves.
  bool PredictedFits() const;
  // Whether enough is saved for an I picture that neither plan nor viewer asked for.
  bool IntraFits() const;
  // Before Tried(): whether a P picture of `bits` shows that another scene has begun. Then an I
  // picture costs no more, and what this one took says nothing about the next: one that is not sent
  // is better not told to Tried().
  bool IsCut(int quantiser, int64_t bits) const;

  // An attempt gave a picture of `bits`, sent or not.
  void Tried(PictureType type, int quantiser, int64_t bits);
  void SentIntra(int64_t bits);
  void SentPredicted(int64_t bits);
  // A picture that repeats the one before.
  void SentRepeat(int64_t bits);

 private:
  double IntraCap() const;
  double ShareOfIntra() const;
  double ShareOfPredicted() const;
  int PicturesToPlan() const;
  bool CanRefineTo(int quantiser) const;

  const RateControlConfig config_;
  const double mean_bits_;  // of a picture, at the frame rate that was asked for
  const double capacity_;   // bits
  double level_;            // bits in the bucket
  double income_;           // bits that come with a frame, smoothed
  // Bits times quantiser: roughly the same for one content whatever the quantiser.
  double intra_cost_;
  double predicted_cost_;
  int last_quantiser_ = 0;  // 0: none yet
  // What the picture that viewers see was coded with, most of it.
  int seen_quantiser_ = 0;
  int since_intra_ = 0;  // pictures after the last I picture
  int repeats_ = 0;      // of the picture that viewers see
  int untried_ = 0;      // frames since a P picture was tried
  std::optional<SteadyTime> last_captured_;
};

}  // namespace pistream
