// Metrics of one stream, from the camera to its tracks.
#pragma once

#include <string>

#include "src/metrics/metrics.h"

namespace pistream {

struct StreamMetrics {
  // Registers the metrics with the label stream="NAME". `registry` outlives them.
  StreamMetrics(Metrics& registry, const std::string& stream);

  prometheus::Counter& frames_captured;
  prometheus::Counter& frames_lost_in_camera;  // gaps in the camera's sequence
  prometheus::Counter& frames_displaced;       // an encoder was busy: a newer frame took the place
  prometheus::Counter& frames_unwatched;       // no encoder wanted them
  prometheus::Counter& camera_opens;
  prometheus::Counter& camera_losses;
};

// Metrics of one track's encoder.
struct EncoderMetrics {
  // With the labels stream="NAME" and track="TRACK". `registry` outlives them.
  EncoderMetrics(Metrics& registry, const std::string& stream, const std::string& track);

  prometheus::Counter& pictures_encoded_intra;
  prometheus::Counter& pictures_encoded_predicted;
  prometheus::Counter& pictures_encoded_repeated;  // show nothing new: the bitrate is too low
  prometheus::Counter& pictures_coarsened;         // detail was removed, for the same reason
  // Not encoded, because the lines of all who watch were congested.
  prometheus::Counter& frames_skipped_for_lines;
  prometheus::Counter& encoded_bytes;
  prometheus::Counter& encoder_errors;  // the encoder failed and was recreated
  prometheus::Histogram& encode_seconds;
  prometheus::Histogram& capture_to_encoded_seconds;  // of pictures that show something new
};

}  // namespace pistream
