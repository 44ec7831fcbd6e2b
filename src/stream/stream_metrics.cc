#include "src/stream/stream_metrics.h"

namespace pistream {
namespace {

prometheus::Counter& Encoded(Metrics& registry, Metrics::Labels labels, const char* type) {
  labels.emplace("type", type);
  return registry.Counter("pistream_pictures_encoded_total",
                          "Pictures that came out of the encoder, by type.", labels);
}

}  // namespace

StreamMetrics::StreamMetrics(Metrics& registry, const std::string& stream)
    : frames_captured(registry.Counter("pistream_frames_captured_total",
                                       "Frames the camera delivered.", {{"stream", stream}})),
      frames_lost_in_camera(registry.Counter("pistream_frames_lost_in_camera_total",
                                             "Frames the camera made but did not deliver.",
                                             {{"stream", stream}})),
      frames_displaced(registry.Counter("pistream_frames_displaced_total",
                                        "Frames replaced by a newer one while an encoder was busy.",
                                        {{"stream", stream}})),
      frames_unwatched(registry.Counter("pistream_frames_unwatched_total",
                                        "Frames not encoded because nobody was watching.",
                                        {{"stream", stream}})),
      camera_opens(registry.Counter("pistream_camera_opens_total",
                                    "Times the camera was opened and started.",
                                    {{"stream", stream}})),
      camera_losses(registry.Counter("pistream_camera_losses_total",
                                     "Times the camera was lost: unplugged, broken or silent.",
                                     {{"stream", stream}})) {}

EncoderMetrics::EncoderMetrics(Metrics& registry, const std::string& stream,
                               const std::string& track)
    : pictures_encoded_intra(Encoded(registry, {{"stream", stream}, {"track", track}}, "intra")),
      pictures_encoded_predicted(
          Encoded(registry, {{"stream", stream}, {"track", track}}, "predicted")),
      pictures_encoded_repeated(
          Encoded(registry, {{"stream", stream}, {"track", track}}, "repeated")),
      pictures_coarsened(
          registry.Counter("pistream_pictures_coarsened_total",
                           "Pictures that lost detail because the bitrate is too low for them.",
                           {{"stream", stream}, {"track", track}})),
      frames_skipped_for_lines(
          registry.Counter("pistream_frames_skipped_for_lines_total",
                           "Frames not encoded because the lines of all who watch were congested.",
                           {{"stream", stream}, {"track", track}})),
      encoded_bytes(registry.Counter("pistream_encoded_bytes_total",
                                     "Bytes that came out of the encoder.",
                                     {{"stream", stream}, {"track", track}})),
      encoder_errors(registry.Counter("pistream_encoder_errors_total",
                                      "Times the encoder failed and was recreated.",
                                      {{"stream", stream}, {"track", track}})),
      encode_seconds(registry.Histogram("pistream_encode_seconds", "Time to encode a picture.",
                                        {{"stream", stream}, {"track", track}})),
      capture_to_encoded_seconds(registry.Histogram("pistream_capture_to_encoded_seconds",
                                                    "Time from capture to the end of encoding.",
                                                    {{"stream", stream}, {"track", track}})) {}

}  // namespace pistream
