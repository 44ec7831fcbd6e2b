#include "tests/unit/api/json_schema.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <regex>

#include "fmt/format.h"

namespace pistream {
namespace {

namespace json = boost::json;

class Checker {
 public:
  explicit Checker(const json::value& document) : document_(document) {}

  void Check(const json::value& schema, const json::value& value, const std::string& place) {
    for (const auto& [keyword, argument] : schema.as_object()) {
      CheckKeyword(keyword, argument, schema, value, place);
    }
  }

  std::vector<std::string> violations;

 private:
  void Require(bool holds, const std::string& place, std::string_view what) {
    if (!holds) {
      violations.push_back(fmt::format("{}: {}", place, what));
    }
  }

  void CheckKeyword(std::string_view keyword, const json::value& argument,
                    const json::value& schema, const json::value& value, const std::string& place) {
    if (keyword == "$ref") {
      // "#/..." within the same document.
      Check(document_.at_pointer(argument.as_string().subview(1)), value, place);
    } else if (keyword == "type") {
      CheckType(argument, value, place);
    } else if (keyword == "required") {
      for (const json::value& name : argument.as_array()) {
        Require(value.is_object() && value.as_object().contains(name.as_string()), place,
                fmt::format("has no {}", json::serialize(name)));
      }
    } else if (keyword == "properties") {
      CheckProperties(argument, value, place);
    } else if (keyword == "additionalProperties") {
      CheckNoOthers(schema, value, place);
    } else if (keyword == "items") {
      CheckItems(argument, value, place);
    } else if (keyword == "minItems") {
      Require(!value.is_array() || value.as_array().size() >= argument.to_number<size_t>(), place,
              "has too few items");
    } else if (keyword == "maxItems") {
      Require(!value.is_array() || value.as_array().size() <= argument.to_number<size_t>(), place,
              "has too many items");
    } else if (keyword == "minimum") {
      Require(!value.is_number() || value.to_number<double>() >= argument.to_number<double>(),
              place, "is too small");
    } else if (keyword == "maximum") {
      Require(!value.is_number() || value.to_number<double>() <= argument.to_number<double>(),
              place, "is too large");
    } else if (keyword == "pattern") {
      const std::regex pattern(std::string(argument.as_string()));
      Require(!value.is_string() || std::regex_search(std::string(value.as_string()), pattern),
              place, "does not match its pattern");
    } else {
      Require(keyword == "description", place, fmt::format("unknown keyword {}", keyword));
    }
  }

  void CheckType(const json::value& types, const json::value& value, const std::string& place) {
    const bool holds = types.is_string()
                           ? IsOfType(types.as_string(), value)
                           : std::ranges::any_of(types.as_array(), [&](const json::value& type) {
                               return IsOfType(type.as_string(), value);
                             });
    Require(holds, place, fmt::format("is not of type {}", json::serialize(types)));
  }

  static bool IsOfType(std::string_view type, const json::value& value) {
    if (type == "integer") {
      return value.is_int64() || value.is_uint64();
    }
    return (type == "object" && value.is_object()) || (type == "array" && value.is_array()) ||
           (type == "string" && value.is_string()) || (type == "boolean" && value.is_bool()) ||
           (type == "null" && value.is_null()) || (type == "number" && value.is_number());
  }

  void CheckProperties(const json::value& properties, const json::value& value,
                       const std::string& place) {
    for (const auto& [name, schema] : properties.as_object()) {
      if (value.is_object() && value.as_object().contains(name)) {
        Check(schema, value.as_object().at(name), fmt::format("{}/{}", place, std::string(name)));
      }
    }
  }

  // The schema's "additionalProperties" is false.
  void CheckNoOthers(const json::value& schema, const json::value& value,
                     const std::string& place) {
    Require(schema.at("additionalProperties") == json::value(false), place,
            "additionalProperties is not false");
    if (!value.is_object()) {
      return;
    }
    for (const auto& [name, member] : value.as_object()) {
      Require(schema.at("properties").as_object().contains(name), place,
              fmt::format("has an unknown {}", std::string(name)));
    }
  }

  void CheckItems(const json::value& schema, const json::value& value, const std::string& place) {
    if (!value.is_array()) {
      return;
    }
    for (size_t number = 0; number < value.as_array().size(); ++number) {
      Check(schema, value.as_array()[number], fmt::format("{}/{}", place, number));
    }
  }

  const json::value& document_;
};

}  // namespace

std::vector<std::string> SchemaViolations(const json::value& document, std::string_view pointer,
                                          const json::value& value) {
  Checker checker(document);
  checker.Check(document.at_pointer(pointer), value, "");
  return checker.violations;
}

}  // namespace pistream
