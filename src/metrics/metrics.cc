#include "src/metrics/metrics.h"

#include <map>
#include <sstream>

#include "prometheus/text_serializer.h"

namespace pistream {
namespace {

using Labels = std::map<std::string, std::string>;

prometheus::Family<prometheus::Counter>& CounterFamily(prometheus::Registry& registry,
                                                       const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}

// Registering a name again gives the family there is: one call for each label of it.
prometheus::Counter& Counter(prometheus::Registry& registry, const char* name, const char* help,
                             const Labels& labels = {}) {
  return CounterFamily(registry, name, help).Add(labels);
}

prometheus::Counter& Encoded(prometheus::Registry& registry, const char* type) {
  return Counter(registry, "pistream_pictures_encoded_total",
                 "Pictures that came out of the encoder, by type.", {{"type", type}});
}

prometheus::Counter& Left(prometheus::Registry& registry, const char* cause) {
  return Counter(registry, "pistream_viewers_left_total", "Viewers that ended, by cause.",
                 {{"cause", cause}});
}

prometheus::Gauge& Gauge(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add({});
}

prometheus::Counter& Reported(prometheus::Registry& registry, const char* fate) {
  return Counter(registry, "pistream_viewer_pictures_total",
                 "Pictures as viewers report them, by what became of them.", {{"fate", fate}});
}

// Of a picture's whole way to the viewer's screen: a slow network is in it.
prometheus::Histogram& ReportedDelay(prometheus::Registry& registry, const char* percentile) {
  static const prometheus::Histogram::BucketBoundaries kBoundaries = {
      0.004, 0.008, 0.016, 0.033, 0.05, 0.066, 0.1, 0.133, 0.2, 0.266, 0.5, 1, 2, 5};
  return prometheus::BuildHistogram()
      .Name("pistream_viewer_delay_seconds")
      .Help("Delay from capture to the viewer's canvas: a percentile of each report.")
      .Register(registry)
      .Add({{"percentile", percentile}}, kBoundaries);
}

prometheus::Histogram& Seconds(prometheus::Registry& registry, const char* name, const char* help) {
  // From a small picture on a laptop to several frame times on a Pi.
  static const prometheus::Histogram::BucketBoundaries kBoundaries = {
      0.0005, 0.001, 0.002, 0.004, 0.008, 0.016, 0.033, 0.066, 0.133, 0.266, 0.5, 1};
  return prometheus::BuildHistogram().Name(name).Help(help).Register(registry).Add({}, kBoundaries);
}

}  // namespace

Metrics::Metrics()
    : frames_captured(
          Counter(registry_, "pistream_frames_captured_total", "Frames the camera delivered.")),
      frames_lost_in_camera(Counter(registry_, "pistream_frames_lost_in_camera_total",
                                    "Frames the camera made but did not deliver.")),
      frames_displaced(Counter(registry_, "pistream_frames_displaced_total",
                               "Frames replaced by a newer one while the encoder was busy.")),
      frames_unwatched(Counter(registry_, "pistream_frames_unwatched_total",
                               "Frames not encoded because nobody was watching.")),
      camera_opens(Counter(registry_, "pistream_camera_opens_total",
                           "Times the camera was opened and started.")),
      camera_losses(Counter(registry_, "pistream_camera_losses_total",
                            "Times the camera was lost: unplugged, broken or silent.")),
      pictures_encoded_intra(Encoded(registry_, "intra")),
      pictures_encoded_predicted(Encoded(registry_, "predicted")),
      pictures_encoded_repeated(Encoded(registry_, "repeated")),
      pictures_coarsened(Counter(registry_, "pistream_pictures_coarsened_total",
                                 "Pictures with less detail than the camera's, to keep the "
                                 "bitrate.")),
      encoded_bytes(Counter(registry_, "pistream_encoded_bytes_total",
                            "Bytes that came out of the encoder.")),
      encoder_errors(Counter(registry_, "pistream_encoder_errors_total",
                             "Times the encoder failed and was made anew.")),
      encode_seconds(Seconds(registry_, "pistream_encode_seconds", "Time to encode a picture.")),
      capture_to_encoded_seconds(
          Seconds(registry_, "pistream_capture_to_encoded_seconds",
                  "Time from capture to the end of encoding, without repeats.")),
      viewers(Gauge(registry_, "pistream_viewers", "Viewers connected now.")),
      viewers_joined(Counter(registry_, "pistream_viewers_joined_total", "Viewers that began.")),
      pictures_sent(Counter(registry_, "pistream_pictures_sent_total",
                            "Pictures handed to the kernel, summed over viewers.")),
      sent_bytes(Counter(registry_, "pistream_sent_bytes_total",
                         "Bytes handed to the kernel, summed over viewers.")),
      pictures_dropped_behind(Counter(registry_, "pistream_pictures_dropped_behind_total",
                                      "Pictures not sent to a viewer that could not keep up.")),
      keyframe_requests(Counter(registry_, "pistream_keyframe_requests_total",
                                "Requests for an I picture, before they are coalesced.")),
      viewers_left_closed(Left(registry_, "closed")),
      viewers_left_stalled(Left(registry_, "stalled")),
      viewers_left_protocol(Left(registry_, "protocol")),
      viewers_left_resized(Left(registry_, "resized")),
      viewers_left_shutdown(Left(registry_, "shutdown")),
      viewer_reports(Counter(registry_, "pistream_viewer_reports_total",
                             "Reports that viewers sent of what they saw.")),
      viewer_pictures_received(Reported(registry_, "received")),
      viewer_pictures_decoded(Reported(registry_, "decoded")),
      viewer_pictures_shown(Reported(registry_, "shown")),
      viewer_pictures_dropped(Reported(registry_, "dropped")),
      viewer_delay_p50_seconds(ReportedDelay(registry_, "50")),
      viewer_delay_p95_seconds(ReportedDelay(registry_, "95")),
      viewer_decode_seconds(Seconds(registry_, "pistream_viewer_decode_seconds",
                                    "Time to decode a picture: the median of each report.")),
      accept_errors(Counter(registry_, "pistream_accept_errors_total",
                            "Connections that could not be accepted.")),
      http_responses_(CounterFamily(registry_, "pistream_http_responses_total",
                                    "HTTP answers, by status code.")) {}

std::string Metrics::Text() const {
  std::ostringstream text;
  prometheus::TextSerializer().Serialize(text, registry_.Collect());
  return std::move(text).str();
}

prometheus::Counter& Metrics::HttpResponses(int status) {
  const bool known = status >= kFirstStatus && status < kStatusEnd;
  auto& cached = http_by_status_[static_cast<size_t>((known ? status : kStatusEnd) - kFirstStatus)];
  prometheus::Counter* counter = cached.load(std::memory_order_acquire);
  if (counter == nullptr) {
    // Two threads that see it first get the same counter: Add is thread-safe.
    counter = &http_responses_.Add({{"code", known ? std::to_string(status) : "other"}});
    cached.store(counter, std::memory_order_release);
  }
  return *counter;
}

}  // namespace pistream
