#include "src/api/streams.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "tests/unit/api/json_schema.h"

namespace pistream {
namespace {

using testing::IsEmpty;

StreamSummary Garden() {
  return {.name = "garden",
          .path = "streams/garden/",
          .format = {.size = {.width = 640, .height = 480},
                     .framerate = {.numerator = 24, .denominator = 1}},
          .bitrate_bps = 800'000,
          .unhealthy_reason = std::nullopt,
          .viewers = 3};
}

StreamSummary Door() {
  return {.name = "door_2",
          .path = "./",
          .format = {.size = {.width = 1280, .height = 720},
                     .framerate = {.numerator = 15, .denominator = 2}},
          .bitrate_bps = 100'000'000,
          .unhealthy_reason = "the camera was lost: \"it\" broke\n",
          .viewers = 0};
}

TEST(StreamsJsonTest, OneStream_IsThisText) {
  EXPECT_EQ(StreamsJson(std::vector{Garden()}),
            R"({"streams":[{"name":"garden","path":"streams/garden/","width":640,"height":480,)"
            R"("framerate":24,"bitrate_bps":800000,"healthy":true,"unhealthy_reason":null,)"
            R"("viewers":3}]})");
}

TEST(StreamsJsonTest, UnhealthyStream_SaysWhy) {
  const auto parsed = boost::json::parse(StreamsJson(std::vector{Garden(), Door()}));
  const boost::json::value& door = parsed.at("streams").at(1);
  EXPECT_EQ(door.at("name").as_string(), "door_2");
  EXPECT_EQ(door.at("framerate").as_double(), 7.5);
  EXPECT_FALSE(door.at("healthy").as_bool());
  EXPECT_EQ(door.at("unhealthy_reason").as_string(), "the camera was lost: \"it\" broke\n");
}

boost::json::value OpenApi() {
  std::ifstream file(std::getenv("PISTREAM_OPENAPI"));
  return boost::json::parse(std::string{std::istreambuf_iterator<char>(file), {}});
}

TEST(StreamsJsonTest, EveryField_IsAsTheDocumentationSays) {
  const boost::json::value document = OpenApi();
  for (const char* const path :
       {"/paths/~1api~1v1~1streams", "/paths/~1streams~1{name}~1api~1v1~1streams"}) {
    const std::string schema =
        std::string(path) + "/get/responses/200/content/application~1json/schema";
    EXPECT_THAT(SchemaViolations(document, schema,
                                 boost::json::parse(StreamsJson(std::vector{Garden(), Door()}))),
                IsEmpty());
  }
}

}  // namespace
}  // namespace pistream
