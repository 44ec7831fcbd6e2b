#include "src/app/toml_config.h"

#include <sstream>
#include <utility>

#include "fmt/format.h"
#include "toml++/toml.h"

namespace pistream {
namespace {

[[noreturn]] void Fault(const toml::source_region& where, const std::string& what) {
  throw CLI::FileError(fmt::format("configuration, line {}: {}", where.begin.line, what),
                       CLI::ExitCodes::FileError);
}

std::string ValueText(const toml::node& node, std::string_view name) {
  if (const auto text = node.value_exact<std::string>()) {
    return *text;
  }
  if (node.is_boolean() || node.is_number()) {
    std::ostringstream text;
    node.visit([&](const auto& value) { text << value; });
    return text.str();
  }
  Fault(node.source(),
        fmt::format("'{}' is neither a string, a number nor true or false, nor a list of strings",
                    name));
}

std::vector<std::string> ValueTexts(const toml::node& node, std::string_view name) {
  const toml::array* const array = node.as_array();
  if (array == nullptr) {
    return {ValueText(node, name)};
  }
  std::vector<std::string> texts;
  for (const toml::node& element : *array) {
    texts.push_back(ValueText(element, name));
  }
  return texts;
}

}  // namespace

std::vector<CLI::ConfigItem> TomlConfig::from_config(std::istream& input) const {
  const toml::parse_result parsed = toml::parse(input);
  if (!parsed) {
    Fault(parsed.error().source(), std::string(parsed.error().description()));
  }
  std::vector<CLI::ConfigItem> items;
  for (const auto& [key, node] : parsed.table()) {
    const CLI::Option* const option = app_.get_option_no_throw("--" + std::string(key.str()));
    if (option == nullptr || !option->get_configurable()) {
      Fault(key.source(), fmt::format("unknown name '{}': see pistream --help", key.str()));
    }
    if (option->get_expected_min() == 0 && !node.is_boolean()) {
      Fault(node.source(), fmt::format("'{}' is neither true nor false", key.str()));
    }
    CLI::ConfigItem item;
    item.name = key.str();
    item.inputs = ValueTexts(node, key.str());
    items.push_back(std::move(item));
  }
  return items;
}

std::string TomlConfig::to_config(const CLI::App* /*app*/, bool /*default_also*/,
                                  bool /*write_description*/, std::string /*prefix*/) const {
  return {};
}

}  // namespace pistream
