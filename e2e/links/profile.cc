#include "e2e/links/profile.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <fstream>
#include <span>
#include <sstream>
#include <utility>

#include "fmt/format.h"
#include "toml++/toml.h"

namespace pistream::links {
namespace {

constexpr double kUpstreamBitsPerSecond = 100e6;
constexpr double kMostMbit = 1e4;
constexpr double kMostMilliseconds = 60'000;
constexpr double kMostSeconds = 1e6;
constexpr double kMostBurst = 1e6;

// What is allowed where, and in which order a message lists it.
constexpr std::string_view kLinkNames[] = {"rate_mbit", "step",       "buffer_ms", "delay_ms",
                                           "jitter_ms", "overtaking", "loss",      "outage",
                                           "seed",      "video",      "links"};
constexpr std::string_view kStepNames[] = {"at_seconds", "rate_mbit"};
constexpr std::string_view kLossNames[] = {"percent", "mean_burst"};
constexpr std::string_view kOutageNames[] = {"at_seconds", "for_seconds", "traffic"};
constexpr std::string_view kVideoNames[] = {"size", "framerate", "bitrate_kbit"};

Duration FromSeconds(double seconds) {
  return std::chrono::round<Duration>(std::chrono::duration<double>(seconds));
}

// The first error of a file, with its line.
class Complaints {
 public:
  explicit Complaints(std::string_view name) : name_(name) {}

  void Add(const toml::source_region& where, const std::string& what) {
    if (!first_) {
      first_ = Error{fmt::format("{}:{}: {}", name_, where.begin.line, what), true};
    }
  }

  const std::optional<Error>& first() const { return first_; }

 private:
  const std::string_view name_;
  std::optional<Error> first_;
};

struct Range {
  double least;
  double most;
};

// One table of the file.
class Table {
 public:
  Table(const toml::table& table, Complaints& complaints)
      : table_(table), complaints_(complaints) {}

  void CheckNames(std::span<const std::string_view> names) const {
    for (const auto& [key, node] : table_) {
      if (std::find(names.begin(), names.end(), key.str()) == names.end()) {
        complaints_.Add(key.source(), fmt::format("unknown name '{}': there are {}", key.str(),
                                                  fmt::join(names, ", ")));
      }
    }
  }

  const toml::node* Find(std::string_view key) const { return table_.get(key); }

  std::optional<double> Number(std::string_view key, Range range) const {
    const toml::node* const node = Find(key);
    if (node == nullptr) {
      return std::nullopt;
    }
    const auto value = node->is_number() ? node->value<double>() : std::nullopt;
    if (!value || std::isnan(*value) || *value < range.least || *value > range.most) {
      complaints_.Add(node->source(), fmt::format("{} must be a number from {} to {}", key,
                                                  range.least, range.most));
      return std::nullopt;
    }
    return value;
  }

  double Required(std::string_view key, Range range) const {
    if (Find(key) == nullptr) {
      complaints_.Add(table_.source(), fmt::format("{} is missing", key));
    }
    return Number(key, range).value_or(range.most);
  }

  std::optional<int64_t> Whole(std::string_view key, Range range) const {
    const auto value = Number(key, range);
    if (value && *value != std::floor(*value)) {
      complaints_.Add(Find(key)->source(), fmt::format("{} must be a whole number", key));
    }
    return value ? std::optional(static_cast<int64_t>(*value)) : std::nullopt;
  }

  std::optional<bool> Flag(std::string_view key) const {
    const toml::node* const node = Find(key);
    const auto value = node != nullptr ? node->value_exact<bool>() : std::nullopt;
    if (node != nullptr && !value) {
      complaints_.Add(node->source(), fmt::format("{} must be true or false", key));
    }
    return value;
  }

  std::optional<std::string_view> Text(std::string_view key) const {
    const toml::node* const node = Find(key);
    const auto value = node != nullptr ? node->value_exact<std::string_view>() : std::nullopt;
    if (node != nullptr && !value) {
      complaints_.Add(node->source(), fmt::format("{} must be a text in quotes", key));
    }
    return value;
  }

  // The tables of [[key]]; none if there are none.
  std::vector<Table> Tables(std::string_view key) const {
    std::vector<Table> tables;
    const toml::node* const node = Find(key);
    if (node != nullptr && !node->is_array_of_tables()) {
      complaints_.Add(node->source(), fmt::format("each {0} must begin with [[{0}]]", key));
    } else if (node != nullptr) {
      for (const toml::node& each : *node->as_array()) {
        tables.emplace_back(*each.as_table(), complaints_);
      }
    }
    return tables;
  }

  std::optional<Table> Single(std::string_view key) const {
    const toml::node* const node = Find(key);
    if (node != nullptr && !node->is_table()) {
      complaints_.Add(node->source(), fmt::format("{0} must be a table: [{0}]", key));
    }
    return node != nullptr && node->is_table()
               ? std::optional(Table(*node->as_table(), complaints_))
               : std::nullopt;
  }

  void Complain(const std::string& what) const { complaints_.Add(table_.source(), what); }

 private:
  const toml::table& table_;
  Complaints& complaints_;
};

Duration Milliseconds(const Table& table, std::string_view key) {
  return FromSeconds(table.Number(key, {0, kMostMilliseconds}).value_or(0) / 1000);
}

double Rate(const Table& table) { return 1e6 * table.Required("rate_mbit", {0.001, kMostMbit}); }

std::vector<RateStep> Rates(const Table& link) {
  std::vector<RateStep> rates;
  for (const Table& step : link.Tables("step")) {
    step.CheckNames(kStepNames);
    rates.push_back({.at = FromSeconds(step.Required("at_seconds", {0, kMostSeconds})),
                     .bits_per_second = Rate(step)});
    const bool is_first = rates.size() == 1;
    if (is_first ? rates[0].at != Duration::zero() : rates.end()[-1].at <= rates.end()[-2].at) {
      step.Complain(is_first ? "the first step must be at_seconds = 0"
                             : "steps must be in order of time");
    }
  }
  if (rates.empty()) {
    rates.push_back({.bits_per_second = Rate(link)});
  } else if (link.Find("rate_mbit") != nullptr) {
    link.Complain("a link has either rate_mbit or [[step]]");
  }
  return rates;
}

Loss ReadLoss(const Table& link) {
  Loss loss;
  const auto table = link.Single("loss");
  if (table) {
    table->CheckNames(kLossNames);
    loss.share = table->Required("percent", {0, 99}) / 100;
    loss.mean_burst = table->Number("mean_burst", {1, kMostBurst});
  }
  return loss;
}

std::vector<Outage> Outages(const Table& link) {
  std::vector<Outage> outages;
  for (const Table& table : link.Tables("outage")) {
    table.CheckNames(kOutageNames);
    const Outage outage{
        .at = FromSeconds(table.Required("at_seconds", {0, kMostSeconds})),
        .duration = FromSeconds(table.Required("for_seconds", {0.001, kMostSeconds})),
        .keeps_traffic = table.Text("traffic") != "lost"};
    if (table.Text("traffic") != "lost" && table.Text("traffic") != "kept") {
      table.Complain(R"(an outage needs traffic = "kept" or "lost")");
    }
    if (!outages.empty() && outage.at < outages.back().at + outages.back().duration) {
      table.Complain("outages must be in order of time, each after the end of the one before");
    }
    outages.push_back(outage);
  }
  return outages;
}

Video ReadVideo(const Table& link) {
  Video video;
  const auto table = link.Single("video");
  if (table) {
    table->CheckNames(kVideoNames);
    video.size = table->Text("size").value_or(video.size);
    video.framerate = table->Whole("framerate", {1, 120}).value_or(video.framerate);
    video.bitrate_kbit = table->Whole("bitrate_kbit", {10, 1e6}).value_or(video.bitrate_kbit);
  }
  return video;
}

Result<LinkProfile> ReadLink(const toml::table& root, std::string_view name) {
  Complaints complaints(name);
  const Table link(root, complaints);
  link.CheckNames(kLinkNames);
  LinkProfile profile;
  profile.name = std::filesystem::path(name).stem().string();
  profile.rate = Rates(link);
  profile.buffer = FromSeconds(link.Required("buffer_ms", {1, kMostMilliseconds}) / 1000);
  profile.delay = Milliseconds(link, "delay_ms");
  profile.jitter = Milliseconds(link, "jitter_ms");
  profile.overtaking = link.Flag("overtaking").value_or(false);
  profile.loss = ReadLoss(link);
  profile.outages = Outages(link);
  profile.seed = static_cast<uint64_t>(link.Whole("seed", {0, 1e9}).value_or(1));
  profile.video = ReadVideo(link);
  if (complaints.first()) {
    return tl::unexpected(*complaints.first());
  }
  return profile;
}

Result<toml::table> ParseTable(std::string_view text, std::string_view name) {
  toml::parse_result parsed = toml::parse(text);
  if (!parsed) {
    return FailUsage("{}:{}: {}", name, parsed.error().source().begin.line,
                     parsed.error().description());
  }
  return std::move(parsed).table();
}

Result<toml::table> ReadTable(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  // A directory can be opened but not read, which only fails when inserting its buffer.
  std::ostringstream text;
  text << file.rdbuf();
  if (!file.is_open() || !text) {
    return FailUsage(
        "cannot read the profile {}: it must be a TOML file such as those in e2e/links",
        path.string());
  }
  return ParseTable(text.str(), path.string());
}

// The profiles that `links` names: files beside this one.
Result<std::vector<LinkProfile>> ReadNamed(const toml::table& root,
                                           const std::filesystem::path& path) {
  const toml::array* const names = root["links"].as_array();
  if (root.size() != 1 || names == nullptr || names->empty() ||
      !names->is_homogeneous<std::string>()) {
    return FailUsage(R"({}:1: links = ["NAME", ...] names other profiles, and stands alone)",
                     path.string());
  }
  std::vector<LinkProfile> profiles;
  for (const toml::node& node : *names) {
    const auto file = path.parent_path() / (node.value<std::string>().value_or("") + ".toml");
    const auto table = ReadTable(file);
    auto profile =
        table.and_then([&](const toml::table& link) { return ReadLink(link, file.string()); });
    if (!profile) {
      return tl::unexpected(profile.error());
    }
    profiles.push_back(*std::move(profile));
  }
  return profiles;
}

}  // namespace

LinkProfile Upstream(const LinkProfile& profile) {
  LinkProfile upstream = profile;
  upstream.rate = {{.bits_per_second = kUpstreamBitsPerSecond}};
  upstream.jitter = Duration::zero();
  // Other chances than downstream's.
  upstream.seed = ~profile.seed;
  return upstream;
}

Result<LinkProfile> ParseProfile(std::string_view text, std::string_view name) {
  return ParseTable(text, name).and_then([&](const toml::table& table) {
    return ReadLink(table, name);
  });
}

Result<std::vector<LinkProfile>> ReadProfiles(const std::filesystem::path& path) {
  const auto table = ReadTable(path);
  if (!table) {
    return tl::unexpected(table.error());
  }
  if (table->contains("links")) {
    return ReadNamed(*table, path);
  }
  return ReadLink(*table, path.string()).map([](LinkProfile profile) {
    return std::vector{std::move(profile)};
  });
}

}  // namespace pistream::links
