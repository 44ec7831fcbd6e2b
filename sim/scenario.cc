#include "sim/scenario.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>

#include "fmt/format.h"
#include "toml++/toml.h"

namespace pistream::sim {
namespace {

constexpr std::array<std::pair<std::string_view, FaultKind>, 5> kKinds = {{
    {"stall", FaultKind::kStall},
    {"drop", FaultKind::kDrop},
    {"late timestamps", FaultKind::kLateTimestamps},
    {"duplicate timestamps", FaultKind::kDuplicateTimestamps},
    {"disappear", FaultKind::kDisappear},
}};

constexpr double kLongestSeconds = 1e6;
constexpr int64_t kMostFrames = 1'000'000'000;

// Reads one [[fault]], and keeps the first error.
class FaultReader {
 public:
  FaultReader(const toml::table& table, std::string_view name) : table_(table), name_(name) {}

  Result<Fault> Read() {
    CheckKeys();
    ReadKind();
    fault_.at_frame = Frames("at_frame", 0);
    fault_.at_time = Time("at_seconds", 0, 1);
    fault_.frames = Frames("for_frames", 1);
    fault_.duration = Time("for_seconds", 0, 1);
    const auto late_by = Time("late_by_ms", 0, 1000);
    fault_.late_by = late_by.value_or(Duration::zero());
    ReadSize();
    CheckTogether(late_by.has_value());
    if (error_) {
      return tl::unexpected(*error_);
    }
    return fault_;
  }

 private:
  void SetError(const toml::source_region& where, const std::string& what) {
    if (!error_) {
      error_ = Error{fmt::format("{}:{}: {}", name_, where.begin.line, what), true};
    }
  }
  void SetError(const std::string& what) { SetError(table_.source(), what); }

  void CheckKeys() {
    constexpr std::array<std::string_view, 7> kKeys = {
        "kind", "at_frame", "at_seconds", "for_frames", "for_seconds", "late_by_ms", "size"};
    for (const auto& [key, node] : table_) {
      if (std::find(kKeys.begin(), kKeys.end(), key.str()) == kKeys.end()) {
        SetError(key.source(), fmt::format("unknown name '{}': a fault has {}", key.str(),
                                           fmt::join(kKeys, ", ")));
      }
    }
  }

  void ReadKind() {
    const toml::node* const node = table_.get("kind");
    if (node == nullptr) {
      SetError("a fault needs a kind, such as kind = \"stall\"");
      return;
    }
    const auto text = node->value_exact<std::string_view>();
    const auto* const found = std::find_if(kKinds.begin(), kKinds.end(),
                                           [&](const auto& kind) { return kind.first == text; });
    if (found == kKinds.end()) {
      SetError(node->source(),
               "kind must be \"stall\", \"drop\", \"late timestamps\", "
               "\"duplicate timestamps\" or \"disappear\"");
      return;
    }
    fault_.kind = found->second;
  }

  std::optional<uint64_t> Frames(std::string_view key, int64_t least) {
    const toml::node* const node = table_.get(key);
    if (node == nullptr) {
      return std::nullopt;
    }
    const auto value = node->value_exact<int64_t>();
    if (!value || *value < least || *value > kMostFrames) {
      SetError(node->source(),
               fmt::format("{} must be a whole number from {} to {}", key, least, kMostFrames));
      return std::nullopt;
    }
    return static_cast<uint64_t>(*value);
  }

  // `per_second`: units of the key in a second.
  std::optional<Duration> Time(std::string_view key, double least, double per_second) {
    const toml::node* const node = table_.get(key);
    if (node == nullptr) {
      return std::nullopt;
    }
    const auto value = node->is_number() ? node->value<double>() : std::nullopt;
    const double most = kLongestSeconds * per_second;
    if (!value || std::isnan(*value) || *value < least || *value > most) {
      SetError(node->source(),
               fmt::format("{} must be a number from {} to {:.0f}", key, least, most));
      return std::nullopt;
    }
    return std::chrono::round<Duration>(std::chrono::duration<double>(*value / per_second));
  }

  void ReadSize() {
    const toml::node* const node = table_.get("size");
    if (node == nullptr) {
      return;
    }
    const auto text = node->value_exact<std::string_view>();
    const auto size = ParseSize(text.value_or(""));
    if (!size) {
      SetError(node->source(), text ? size.error().message : "size must be a string: \"320x240\"");
      return;
    }
    fault_.size = *size;
  }

  void CheckTogether(bool is_late) {
    if (fault_.at_frame.has_value() == fault_.at_time.has_value()) {
      SetError("a fault needs one of at_frame and at_seconds");
    }
    if (fault_.frames && fault_.duration) {
      SetError("a fault can have only one of for_frames and for_seconds");
    }
    if (fault_.kind == FaultKind::kDisappear && fault_.frames) {
      SetError(
          "kind = \"disappear\" needs for_seconds instead of for_frames: no frames are captured");
    }
    if (fault_.kind != FaultKind::kDisappear && fault_.size) {
      SetError("size can only be used with kind = \"disappear\"");
    }
    if (is_late != (fault_.kind == FaultKind::kLateTimestamps)) {
      SetError("late_by_ms must be used with kind = \"late timestamps\", and only with it");
    }
  }

  const toml::table& table_;
  const std::string_view name_;
  Fault fault_;
  std::optional<Error> error_;
};

// The array of tables "fault", the only name allowed at the top level.
Result<const toml::array*> FindFaults(const toml::table& root, std::string_view name) {
  for (const auto& [key, node] : root) {
    if (key.str() != "fault") {
      return FailUsage("{}:{}: unknown name '{}': a scenario is a list of [[fault]]", name,
                       key.source().begin.line, key.str());
    }
  }
  const toml::node* const faults = root.get("fault");
  if (faults == nullptr) {
    return FailUsage("{}: a scenario needs at least one [[fault]]", name);
  }
  if (!faults->is_array_of_tables()) {
    return FailUsage("{}:{}: each fault must begin with [[fault]]", name,
                     faults->source().begin.line);
  }
  return faults->as_array();
}

}  // namespace

Result<std::vector<Fault>> ParseScenario(std::string_view text, std::string_view name) {
  const toml::parse_result parsed = toml::parse(text);
  if (!parsed) {
    return FailUsage("{}:{}: {}", name, parsed.error().source().begin.line,
                     parsed.error().description());
  }
  const auto tables = FindFaults(parsed.table(), name);
  if (!tables) {
    return tl::unexpected(tables.error());
  }
  std::vector<Fault> faults;
  for (const toml::node& node : **tables) {
    auto fault = FaultReader(*node.as_table(), name).Read();
    if (!fault) {
      return tl::unexpected(fault.error());
    }
    faults.push_back(*fault);
  }
  return faults;
}

Result<std::vector<Fault>> ReadScenario(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  // A directory can be opened but not read, which only fails when inserting its buffer.
  std::ostringstream text;
  text << file.rdbuf();
  if (!file.is_open() || !text) {
    return FailUsage(
        "cannot read the scenario {}: it must be a TOML file such as those in sim/scenarios",
        path.string());
  }
  return ParseScenario(text.str(), path.string());
}

}  // namespace pistream::sim
