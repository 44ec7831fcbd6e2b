#include "src/api/streams.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <utility>

namespace pistream {
namespace {

namespace json = boost::json;

// 24, not 2.4E1, which is how Boost.JSON writes a double.
json::value ToJson(FrameRate framerate) {
  if (framerate.denominator == 1) {
    return framerate.numerator;
  }
  return static_cast<double>(framerate.numerator) / framerate.denominator;
}

json::object ToJson(const StreamSummary& stream) {
  json::object object;
  object["name"] = stream.name;
  object["path"] = stream.path;
  object["width"] = stream.format.size.width;
  object["height"] = stream.format.size.height;
  object["framerate"] = ToJson(stream.format.framerate);
  object["bitrate_bps"] = stream.bitrate_bps;
  object["healthy"] = !stream.unhealthy_reason.has_value();
  object["unhealthy_reason"] =
      stream.unhealthy_reason ? json::value(*stream.unhealthy_reason) : json::value(nullptr);
  object["viewers"] = stream.viewers;
  return object;
}

}  // namespace

std::string StreamsJson(std::span<const StreamSummary> streams) {
  json::array list;
  for (const StreamSummary& stream : streams) {
    list.push_back(ToJson(stream));
  }
  json::object body;
  body["streams"] = std::move(list);
  return json::serialize(body);
}

}  // namespace pistream
