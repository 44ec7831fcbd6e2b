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
  const json::value* const id = object.if_contains("id");
  const int64_t* const number = id ? id->if_int64() : nullptr;  // all JSON integers in our range
  if (*name == "ping" && number != nullptr && *number >= 0 &&
      static_cast<uint64_t>(*number) <= kLargestExactInteger) {
    return PingRequest{static_cast<uint64_t>(*number)};
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

}  // namespace pistream
