#include "src/viewer/viewer_metrics.h"

namespace pistream {
namespace {

prometheus::Counter& Left(Metrics& registry, const std::string& stream, const char* cause) {
  return registry.Counter("pistream_viewers_left_total", "Viewers that ended, by cause.",
                          {{"stream", stream}, {"cause", cause}});
}

prometheus::Counter& Reported(Metrics& registry, const std::string& stream, const char* fate) {
  return registry.Counter("pistream_viewer_pictures_total",
                          "Pictures as viewers report them, by what became of them.",
                          {{"stream", stream}, {"fate", fate}});
}

prometheus::Counter* Switches(Metrics& registry, const std::string& stream, VideoScale scale) {
  return &registry.Counter("pistream_viewer_switches_total",
                           "Viewers moved to a track because of what their lines carry.",
                           {{"stream", stream}, {"track", TrackName(scale)}});
}

prometheus::Histogram& LineRate(Metrics& registry, const std::string& stream) {
  static const Metrics::Boundaries kBoundaries = {50e3, 100e3, 200e3, 400e3, 700e3,
                                                  1e6,  2e6,   4e6,   8e6,   16e6};
  return registry.Histogram("pistream_viewer_line_bits_per_second",
                            "What the line of a limited viewer carried when it was last full.",
                            {{"stream", stream}}, kBoundaries);
}

// Of a picture's whole way to the viewer's screen: a slow network is in it.
prometheus::Histogram& ReportedDelay(Metrics& registry, const std::string& stream,
                                     const char* percentile) {
  static const Metrics::Boundaries kBoundaries = {0.004, 0.008, 0.016, 0.033, 0.05, 0.066, 0.1,
                                                  0.133, 0.2,   0.266, 0.5,   1,    2,     5};
  return registry.Histogram(
      "pistream_viewer_delay_seconds",
      "Delay from capture to the viewer's canvas: a percentile of each report.",
      {{"stream", stream}, {"percentile", percentile}}, kBoundaries);
}

}  // namespace

ViewerMetrics::ViewerMetrics(Metrics& registry, const std::string& stream)
    : viewers(ViewersGauge(registry, stream)),
      viewers_paused(registry.Gauge("pistream_viewers_paused",
                                    "Of them, those that have paused: a hidden tab, for example.",
                                    {{"stream", stream}})),
      viewers_by_http(registry.Gauge("pistream_viewers_by_http",
                                     "Of them, those that get the stream over HTTP, not WebSocket.",
                                     {{"stream", stream}})),
      viewers_joined(registry.Counter("pistream_viewers_joined_total", "Viewers that began.",
                                      {{"stream", stream}})),
      pictures_sent(registry.Counter("pistream_pictures_sent_total",
                                     "Pictures handed to the kernel, summed over viewers.",
                                     {{"stream", stream}})),
      sent_bytes(registry.Counter("pistream_sent_bytes_total",
                                  "Bytes handed to the kernel, summed over viewers.",
                                  {{"stream", stream}})),
      pictures_dropped_behind(registry.Counter(
          "pistream_pictures_dropped_behind_total",
          "Pictures not sent to a viewer that could not keep up.", {{"stream", stream}})),
      pictures_lost_by_thread(
          registry.Counter("pistream_pictures_lost_by_thread_total",
                           "Pictures not sent because a network thread stood still, summed over "
                           "viewers.",
                           {{"stream", stream}})),
      keyframe_requests(registry.Counter("pistream_keyframe_requests_total",
                                         "Requests for an I picture, before they are coalesced.",
                                         {{"stream", stream}})),
      viewers_limited(registry.Gauge(
          "pistream_viewers_limited",
          "Viewers whose lines do not carry the whole bitrate with ease.", {{"stream", stream}})),
      line_bits_per_second(LineRate(registry, stream)),
      line_delay_seconds(registry.Histogram("pistream_viewer_line_delay_seconds",
                                            "Delay that the line of a limited viewer adds.",
                                            {{"stream", stream}})),
      switches_to{Switches(registry, stream, VideoScale::kFull),
                  Switches(registry, stream, VideoScale::kHalf),
                  Switches(registry, stream, VideoScale::kQuarter)},
      viewers_left_closed(Left(registry, stream, "closed")),
      viewers_left_stalled(Left(registry, stream, "stalled")),
      viewers_left_protocol(Left(registry, stream, "protocol")),
      viewers_left_resized(Left(registry, stream, "resized")),
      viewers_left_shutdown(Left(registry, stream, "shutdown")),
      viewers_left_session(Left(registry, stream, "session")),
      viewer_reports(registry.Counter("pistream_viewer_reports_total",
                                      "Reports that viewers sent of what they saw.",
                                      {{"stream", stream}})),
      viewer_pictures_received(Reported(registry, stream, "received")),
      viewer_pictures_decoded(Reported(registry, stream, "decoded")),
      viewer_pictures_shown(Reported(registry, stream, "shown")),
      viewer_pictures_dropped(Reported(registry, stream, "dropped")),
      viewer_delay_p50_seconds(ReportedDelay(registry, stream, "50")),
      viewer_delay_p95_seconds(ReportedDelay(registry, stream, "95")),
      viewer_decode_seconds(registry.Histogram(
          "pistream_viewer_decode_seconds", "Time to decode a picture: the median of each report.",
          {{"stream", stream}})) {}

void RegisterViewerMetrics(Metrics& registry, const std::string& stream) {
  [[maybe_unused]] const ViewerMetrics registered(registry, stream);
}

prometheus::Gauge& ViewersGauge(Metrics& registry, const std::string& stream) {
  return registry.Gauge("pistream_viewers", "Viewers connected now.", {{"stream", stream}});
}

prometheus::Counter& ViewerSocketsCounter(Metrics& registry,
                                          const std::string& congestion_control) {
  return registry.Counter("pistream_viewer_sockets_total",
                          "Connections of viewers, by their TCP congestion control.",
                          {{"congestion_control", congestion_control}});
}

prometheus::Gauge& ThreadViewersGauge(Metrics& registry, const std::string& thread) {
  return registry.Gauge("pistream_thread_viewers", "Viewers on each network thread.",
                        {{"thread", thread}});
}

}  // namespace pistream
