#include "src/viewer/control_message.h"

#include <array>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/parse_options.hpp>
#include <boost/json/string.hpp>
#include <boost/json/value.hpp>
#include <chrono>
#include <cmath>
#include <string_view>

#include "fmt/format.h"

namespace pistream {

namespace json = boost::json;

namespace {

constexpr uint64_t kLargestExactInteger = (uint64_t{1} << 53) - 1;  // of a double, of JavaScript

// Nothing, unless it is a number from 0 to `maximum`.
std::optional<double> ReadNumber(const json::object& object, std::string_view name,
                                 double maximum) {
  const json::value* const member = object.if_contains(name);
  if (member == nullptr || !member->is_number()) {
    return std::nullopt;
  }
  const auto number = member->to_number<double>();  // of a number it cannot fail
  return number >= 0 && number <= maximum ? std::optional(number) : std::nullopt;
}

std::optional<double> ReadCount(const json::object& object, std::string_view name) {
  const auto count = ReadNumber(object, name, ViewerReport::kMaximumPictures);
  return count && *count == std::floor(*count) ? count : std::nullopt;
}

ViewerReport ReadReport(const json::object& object) {
  const auto milliseconds = [&](std::string_view name) {
    return ReadNumber(object, name, ViewerReport::kMaximumMilliseconds);
  };
  return {.received = ReadCount(object, "received"),
          .decoded = ReadCount(object, "decoded"),
          .shown = ReadCount(object, "shown"),
          .dropped = ReadCount(object, "dropped"),
          .delay_p50_ms = milliseconds("delay_p50_ms"),
          .delay_p95_ms = milliseconds("delay_p95_ms"),
          .decode_p50_ms = milliseconds("decode_p50_ms")};
}

// Nothing, unless it is an integer that JavaScript has exactly, which all our numbers are.
std::optional<uint64_t> ReadInteger(const json::object& object, std::string_view name) {
  const json::value* const member = object.if_contains(name);
  const int64_t* const number = member ? member->if_int64() : nullptr;
  if (number == nullptr || *number < 0 || static_cast<uint64_t>(*number) > kLargestExactInteger) {
    return std::nullopt;
  }
  return static_cast<uint64_t>(*number);
}

ControlMessage ReadQuality(const json::object& object) {
  const json::value* const value = object.if_contains("value");
  const json::string* const name = value ? value->if_string() : nullptr;
  constexpr std::array kNames = {std::pair("auto", Quality::kAuto),
                                 std::pair("full", Quality::kFull),
                                 std::pair("low", Quality::kLow)};
  for (const auto& [known, quality] : kNames) {
    if (name != nullptr && *name == known) {
      return QualityRequest{quality};
    }
  }
  return UnknownMessage{};
}

ControlMessage Interpret(const json::object& object) {
  const json::value* const type = object.if_contains("type");
  const json::string* const name = type ? type->if_string() : nullptr;
  if (name == nullptr) {
    return UnknownMessage{};
  }
  if (*name == "keyframe") {
    return KeyframeRequest{};
  }
  if (*name == "pause") {
    return PauseRequest{};
  }
  if (*name == "resume") {
    return ResumeRequest{};
  }
  if (*name == "report") {
    return ReadReport(object);
  }
  if (*name == "quality") {
    return ReadQuality(object);
  }
  const auto id = ReadInteger(object, "id");
  if (*name == "ping" && id) {
    return PingRequest{.id = *id, .seen = ReadInteger(object, "seen")};
  }
  return UnknownMessage{};
}

}  // namespace

ControlMessage ParseControlMessage(std::string_view text) {
  std::array<unsigned char, 4096> stack{};  // usual messages need no other memory
  json::monotonic_resource memory(stack.data(), stack.size());
  json::parse_options options;
  options.max_depth = 8;
  boost::system::error_code error;
  const json::value value = json::parse(text, error, &memory, options);
  const json::object* const object = error ? nullptr : value.if_object();
  return object ? Interpret(*object) : UnknownMessage{};
}

std::string MakePong(uint64_t id, SteadyTime now) {
  const auto nanoseconds = std::chrono::nanoseconds(now.time_since_epoch()).count();
  return fmt::format(R"({{"type":"pong","id":{},"server_ns":"{}"}})", id, nanoseconds);
}

std::string MakeLineMessage(const LineReport& report) {
  constexpr std::array kTracks = {"full", "half", "quarter"};
  constexpr int64_t kHighestRate = 9'999'999'999;
  constexpr int64_t kMostSwitches = 9999;
  const std::string rate =
      report.rate_bps
          ? fmt::format(R"("rate_bps":{},)", std::min(*report.rate_bps, kHighestRate) / 1000 * 1000)
          : "";
  constexpr Duration kLongestDelay = std::chrono::seconds(99);
  return fmt::format(
      R"({{"type":"line",{}"delay_ms":{},"track":"{}","switches":{},"reason":"{}"}})", rate,
      std::chrono::duration_cast<std::chrono::milliseconds>(std::min(report.delay, kLongestDelay))
          .count(),
      kTracks[static_cast<size_t>(report.scale)], std::min(report.switches, kMostSwitches),
      report.reason);
}

}  // namespace pistream
