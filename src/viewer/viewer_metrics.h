// What one stream's viewers count.
#pragma once

#include <array>
#include <string>

#include "src/metrics/metrics.h"
#include "src/stream/stream.h"

namespace pistream {

struct ViewerMetrics {
  // Registers the metrics with the label stream="NAME". `registry` outlives them.
  ViewerMetrics(Metrics& registry, const std::string& stream);

  prometheus::Gauge& viewers;
  prometheus::Gauge& viewers_paused;   // of them
  prometheus::Gauge& viewers_by_http;  // of them
  prometheus::Counter& viewers_joined;
  prometheus::Counter& pictures_sent;
  prometheus::Counter& sent_bytes;
  prometheus::Counter& pictures_dropped_behind;  // the viewer could not keep up
  prometheus::Counter& pictures_lost_by_thread;  // the network thread could not keep up
  prometheus::Counter& keyframe_requests;
  prometheus::Gauge& viewers_limited;  // their lines do not carry all with ease
  // Of each of these, a value a second.
  prometheus::Histogram& line_bits_per_second;
  prometheus::Histogram& line_delay_seconds;
  // Viewers that were moved to the track of this scale, because of their lines.
  prometheus::Counter& SwitchesTo(VideoScale scale) const {
    return *switches_to[static_cast<size_t>(scale)];
  }
  std::array<prometheus::Counter*, kVideoScales.size()> switches_to;
  // How viewers ended.
  prometheus::Counter& viewers_left_closed;    // the viewer closed, or its connection broke
  prometheus::Counter& viewers_left_stalled;   // took nothing for too long
  prometheus::Counter& viewers_left_protocol;  // broke its protocol
  prometheus::Counter& viewers_left_resized;   // the picture's size changed: 1012, reconnect
  prometheus::Counter& viewers_left_shutdown;
  prometheus::Counter& viewers_left_session;  // what let it in does not count any more
  // What players say of themselves (docs/protocol.md, "report"); nobody has checked it.
  prometheus::Counter& viewer_reports;
  prometheus::Counter& viewer_pictures_received;
  prometheus::Counter& viewer_pictures_decoded;
  prometheus::Counter& viewer_pictures_shown;
  prometheus::Counter& viewer_pictures_dropped;
  prometheus::Histogram& viewer_delay_p50_seconds;  // one value a report, as all of these
  prometheus::Histogram& viewer_delay_p95_seconds;
  prometheus::Histogram& viewer_decode_seconds;
};

// So that /metrics has them before the first viewer comes.
void RegisterViewerMetrics(Metrics& registry, const std::string& stream);

// The gauge that ViewerMetrics has for a stream.
prometheus::Gauge& ViewersGauge(Metrics& registry, const std::string& stream);

// Viewers' sockets, by their congestion control.
prometheus::Counter& ViewerSocketsCounter(Metrics& registry, const std::string& congestion_control);

// Viewers on one network thread, of all streams.
prometheus::Gauge& ThreadViewersGauge(Metrics& registry, const std::string& thread);

}  // namespace pistream
