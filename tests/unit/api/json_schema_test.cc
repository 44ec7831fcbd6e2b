#include "tests/unit/api/json_schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

namespace pistream {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> Check(const char* schema, const char* value) {
  return SchemaViolations(boost::json::parse(schema), "", boost::json::parse(value));
}

TEST(JsonSchemaTest, Types_AreChecked) {
  EXPECT_THAT(Check(R"({"type":"integer"})", "1"), IsEmpty());
  EXPECT_THAT(Check(R"({"type":"integer"})", "1.5"), ElementsAre(R"(: is not of type "integer")"));
  EXPECT_THAT(Check(R"({"type":["string","null"]})", "null"), IsEmpty());
  EXPECT_THAT(Check(R"({"type":["string","null"]})", "1"),
              ElementsAre(R"(: is not of type ["string","null"])"));
}

TEST(JsonSchemaTest, Objects_AreChecked) {
  constexpr const char* kSchema =
      R"({"required":["a"],"properties":{"a":{"type":"boolean"}},"additionalProperties":false})";
  EXPECT_THAT(Check(kSchema, R"({"a":true})"), IsEmpty());
  EXPECT_THAT(Check(kSchema, R"({"a":1})"), ElementsAre(R"(/a: is not of type "boolean")"));
  EXPECT_THAT(Check(kSchema, R"({})"), ElementsAre(R"(: has no "a")"));
  EXPECT_THAT(Check(kSchema, R"({"a":true,"b":1})"), ElementsAre(": has an unknown b"));
}

TEST(JsonSchemaTest, Bounds_AreChecked) {
  constexpr const char* kSchema =
      R"({"minItems":1,"maxItems":2,"items":{"minimum":1,"maximum":5}})";
  EXPECT_THAT(Check(kSchema, "[1,5]"), IsEmpty());
  EXPECT_THAT(Check(kSchema, "[]"), ElementsAre(": has too few items"));
  EXPECT_THAT(Check(kSchema, "[1,0.5,6]"),
              ElementsAre(": has too many items", "/1: is too small", "/2: is too large"));
}

TEST(JsonSchemaTest, PatternsAndReferences_AreFollowed) {
  constexpr const char* kSchema = R"({"pattern":"^a+$"})";
  EXPECT_THAT(Check(kSchema, R"("aa")"), IsEmpty());
  EXPECT_THAT(Check(kSchema, R"("ab")"), ElementsAre(": does not match its pattern"));
  const auto document = boost::json::parse(R"({"x":{"$ref":"#/y"},"y":{"type":"null"}})");
  EXPECT_THAT(SchemaViolations(document, "/x", nullptr), IsEmpty());
  EXPECT_THAT(SchemaViolations(document, "/x", 1), ElementsAre(R"(: is not of type "null")"));
}

TEST(JsonSchemaTest, UnknownKeyword_IsAViolation) {
  EXPECT_THAT(Check(R"({"oneOf":[]})", "1"), ElementsAre(": unknown keyword oneOf"));
}

}  // namespace
}  // namespace pistream
