// Configuration files in TOML (docs/operations.md).
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "src/app/settings.h"
#include "src/base/result.h"

namespace pistream {

// A [streams.NAME] table.
struct StreamTable {
  std::string name;
  std::string place;  // "pistream.toml:3: [streams.garden]"
  std::vector<Assignment> assignments;
};

// What a file says, each value still as text. A file has stream settings either at its top, which
// then describe its only stream, or in tables.
struct ConfigFile {
  std::vector<Assignment> assignments;  // outside of [streams]
  bool has_tables = false;              // a [streams] table, even an empty one
  std::vector<StreamTable> streams;     // in the file's order
};

// Reads `path`. Fails, naming file and line, for a file that cannot be read, for what is not TOML,
// and for a name or a type that is not expected there.
Result<ConfigFile> ReadConfigFile(const std::filesystem::path& path);

// The same for the text of a file that messages call `name`.
Result<ConfigFile> ParseConfigFile(std::string_view text, std::string_view name);

}  // namespace pistream
