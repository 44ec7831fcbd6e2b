// Profiles: the links of e2e/links/*.toml. In TOML:
//
//   # A phone at the edge of its cell.
//   rate_mbit = 0.4
//   buffer_ms = 300
//   delay_ms = 10
//
// rate_mbit     from the server to the viewer, in Mbit/s; or a list of [[step]], each with
// rate_mbit
//               and at_seconds, of which the first is 0
// buffer_ms     what waits for the line, as time of the line; more is dropped
// delay_ms      in each direction, beside the line's own
// jitter_ms     0 (default) or the most that a packet is delayed in addition, to the viewer only
// overtaking    whether jitter lets a packet overtake others; false by default
// [loss]        percent in each direction; mean_burst: packets lost in a row, on average. Without
// it
//               each packet is lost or not on its own
// [[outage]]    at_seconds, for_seconds; traffic = "kept": it waits, or "lost": it is sent in vain
// seed          of chance; 1 by default
// [video]       size = "1280x720", framerate = 30, bitrate_kbit = 4000: what goes over the link
// links         instead of all that: names of other profiles, for a viewer each
//
// Times of steps and outages count from the emulator's start of the schedule.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/clock.h"
#include "src/base/result.h"

namespace pistream::links {

// From `at` on.
struct RateStep {
  Duration at{};
  double bits_per_second = 0;
};

struct Outage {
  Duration at{};
  Duration duration{};
  // Whether what is sent meanwhile waits; otherwise it is lost.
  bool keeps_traffic = true;
};

struct Loss {
  double share = 0;
  // Packets; if absent, losses are independent of each other.
  std::optional<double> mean_burst;
};

// What the bench sends over the link.
struct Video {
  std::string size = "640x480";
  int64_t framerate = 24;
  int64_t bitrate_kbit = 800;
};

struct LinkProfile {
  std::string name;
  // In order of time; the first is at 0.
  std::vector<RateStep> rate;
  Duration buffer{};
  Duration delay{};
  Duration jitter{};
  bool overtaking = false;
  Loss loss;
  // In order of time, none within another.
  std::vector<Outage> outages;
  uint64_t seed = 1;
  Video video;
};

// The link from the viewer to the server: the same, but with a generous rate and without jitter.
LinkProfile Upstream(const LinkProfile& profile);

// The links of a file, one for each viewer. Fails, with the name of the file and the line, if it is
// not such a file.
Result<std::vector<LinkProfile>> ReadProfiles(const std::filesystem::path& path);

// One link from the contents of a file; errors refer to it as `name`.
Result<LinkProfile> ParseProfile(std::string_view text, std::string_view name);

}  // namespace pistream::links
