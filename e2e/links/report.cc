#include "e2e/links/report.h"

#include "fmt/format.h"

namespace pistream::links {
namespace {

template <typename List, typename Format>
std::string JsonArray(const List& list, Format format) {
  std::vector<std::string> parts;
  for (const auto& each : list) {
    parts.push_back(format(each));
  }
  return fmt::format("[{}]", fmt::join(parts, ","));
}

std::string TrafficToJson(const Traffic& traffic) {
  return fmt::format(R"({{"packets":{},"bytes":{}}})", traffic.packets, traffic.bytes);
}

std::string DirectionToJson(const Counters& counters) {
  return fmt::format(R"({{"delivered":{},"dropped":{},"lost":{}}})",
                     TrafficToJson(counters.delivered), TrafficToJson(counters.dropped),
                     TrafficToJson(counters.lost));
}

std::string StepToJson(const RateStep& step) {
  return fmt::format(R"({{"at":{},"mbit":{}}})", Seconds(step.at), step.bits_per_second / 1e6);
}

std::string OutageToJson(const Outage& outage) {
  return fmt::format(R"({{"at":{},"for":{},"keepsTraffic":{}}})", Seconds(outage.at),
                     Seconds(outage.duration), outage.keeps_traffic);
}

std::string VideoToJson(const Video& video) {
  return fmt::format(R"({{"size":{},"framerate":{},"bitrateKbit":{}}})", Quoted(video.size),
                     video.framerate, video.bitrate_kbit);
}

std::string ProfileToJson(const LinkProfile& profile) {
  return fmt::format(
      R"({{"name":{},"rate":{},"buffer":{},"delay":{},"jitter":{},"lossPercent":{},"outages":{},"video":{}}})",
      Quoted(profile.name), JsonArray(profile.rate, StepToJson), Seconds(profile.buffer),
      Seconds(profile.delay), Seconds(profile.jitter), 100 * profile.loss.share,
      JsonArray(profile.outages, OutageToJson), VideoToJson(profile.video));
}

std::string LinkToJson(const Link& link) {
  return fmt::format(R"({{"name":{},"down":{},"up":{}}})", Quoted(link.name()),
                     DirectionToJson(link.down()), DirectionToJson(link.up()));
}

}  // namespace

std::string ToJson(const std::vector<LinkProfile>& profiles) {
  return fmt::format(R"({{"profiles":{}}})", JsonArray(profiles, ProfileToJson));
}

std::string CountersToJson(const std::vector<Link>& links) {
  return fmt::format(R"({{"counters":{}}})", JsonArray(links, LinkToJson));
}

std::string Quoted(std::string_view text) {
  std::string quoted = "\"";
  for (const char letter : text) {
    if (letter == '"' || letter == '\\') {
      quoted += '\\';
    }
    quoted += static_cast<unsigned char>(letter) < ' ' ? ' ' : letter;
  }
  return quoted + '"';
}

}  // namespace pistream::links
