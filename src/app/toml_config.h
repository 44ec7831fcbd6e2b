// Configuration files in TOML, for CLI11: its own reader takes what is not TOML and is silent about
// where a fault is.
#pragma once

#include <istream>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"

namespace pistream {

// Reads flat TOML: `name = value` with the options' names without dashes; an array for an option
// that may be repeated. Throws CLI::FileError naming the line, as CLI11 expects of its readers, for
// a syntax error, a table, or a name that is no option of `app`.
class TomlConfig : public CLI::Config {
 public:
  explicit TomlConfig(const CLI::App& app) : app_(app) {}

  std::vector<CLI::ConfigItem> from_config(std::istream& input) const override;

  // Not offered: pistream writes no configuration.
  std::string to_config(const CLI::App* app, bool default_also, bool write_description,
                        std::string prefix) const override;

 private:
  const CLI::App& app_;
};

}  // namespace pistream
