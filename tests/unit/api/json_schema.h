// A checker for the part of JSON Schema (2020-12) that docs/openapi.json uses.
#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace pistream {

// Checks `value` against the schema that `pointer`, such as "/components/schemas/Stream", names in
// `document`. Returns a line for each violation, and for each keyword of the schema that this
// checker does not know: what it cannot check is not valid.
std::vector<std::string> SchemaViolations(const boost::json::value& document,
                                          std::string_view pointer,
                                          const boost::json::value& value);

}  // namespace pistream
