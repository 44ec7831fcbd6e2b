// Everything pistream counts. Names and meanings: docs/operations.md; text format at /metrics.
#pragma once

#include <array>
#include <atomic>
#include <string>

#include "prometheus/counter.h"
#include "prometheus/family.h"
#include "prometheus/gauge.h"
#include "prometheus/histogram.h"
#include "prometheus/registry.h"

namespace pistream {

// One for the process. Counting is thread-safe and allocates nothing; counters and gauges are
// lock-free, a histogram takes a lock of its own.
class Metrics {
 private:
  prometheus::Registry registry_;  // before the members below: they live in it

 public:
  Metrics();

  // Prometheus text exposition format 0.0.4.
  std::string Text() const;

  // Camera and encoder.
  prometheus::Counter& frames_captured;
  prometheus::Counter& frames_lost_in_camera;  // gaps in the camera's sequence
  prometheus::Counter& frames_displaced;       // the encoder was busy: a newer frame took the place
  prometheus::Counter& frames_unwatched;       // nobody was watching
  prometheus::Counter& camera_opens;
  prometheus::Counter& camera_losses;
  prometheus::Counter& pictures_encoded_intra;
  prometheus::Counter& pictures_encoded_predicted;
  prometheus::Counter& pictures_encoded_repeated;  // show what the one before showed
  prometheus::Counter& pictures_coarsened;         // detail was removed to keep the bitrate
  prometheus::Counter& encoded_bytes;
  prometheus::Counter& encoder_errors;  // the encoder failed and was made anew
  prometheus::Histogram& encode_seconds;
  prometheus::Histogram& capture_to_encoded_seconds;

  // Viewers.
  prometheus::Gauge& viewers;
  prometheus::Counter& viewers_joined;
  prometheus::Counter& pictures_sent;
  prometheus::Counter& sent_bytes;
  prometheus::Counter& pictures_dropped_behind;  // the viewer could not keep up
  prometheus::Counter& keyframe_requests;
  // How viewers ended.
  prometheus::Counter& viewers_left_closed;    // the viewer closed, or its connection broke
  prometheus::Counter& viewers_left_stalled;   // took nothing for too long
  prometheus::Counter& viewers_left_protocol;  // broke the WebSocket protocol
  prometheus::Counter& viewers_left_resized;   // the picture's size changed: 1012, reconnect
  prometheus::Counter& viewers_left_shutdown;
  // What players say of themselves (docs/protocol.md, "report"); nobody has checked it.
  prometheus::Counter& viewer_reports;
  prometheus::Counter& viewer_pictures_received;
  prometheus::Counter& viewer_pictures_decoded;
  prometheus::Counter& viewer_pictures_shown;
  prometheus::Counter& viewer_pictures_dropped;
  prometheus::Histogram& viewer_delay_p50_seconds;  // one value a report, as all of these
  prometheus::Histogram& viewer_delay_p95_seconds;
  prometheus::Histogram& viewer_decode_seconds;

  // HTTP: answers by status code ("101", "200", ...), and connections the kernel refused us. A
  // status is allocated for when it is first seen; one outside 100 to 599 counts as code "other".
  prometheus::Counter& HttpResponses(int status);
  prometheus::Counter& accept_errors;

 private:
  static constexpr int kFirstStatus = 100;
  static constexpr int kStatusEnd = 600;

  prometheus::Family<prometheus::Counter>& http_responses_;
  // By status; the last one is "other". Null until first seen.
  std::array<std::atomic<prometheus::Counter*>, kStatusEnd - kFirstStatus + 1> http_by_status_{};
};

}  // namespace pistream
