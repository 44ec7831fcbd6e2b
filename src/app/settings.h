// The settings by name: one table for the command line and the configuration file.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/app/config.h"
#include "src/base/result.h"

namespace pistream {

struct Setting {
  enum class Scope { kStream, kListener, kTls, kAuth, kProcess };
  enum class Kind {
    kValue,
    kFlag,  // "true" or "false"
    kList,  // may be given several times
  };

  std::string_view name;  // --NAME on the command line, NAME = VALUE in the file (see TableOf)
  Scope scope;
  Kind kind;
  std::string_view value_name;    // for --help: BPS
  std::string_view default_text;  // for --help; empty if the description tells it
  std::string_view description;
  // Reads `text` into the part of the configuration that `scope` names, and leaves the other one
  // alone. Checks that `text` can be read; whether the value is allowed is for FindFault to say.
  Result<void> (*apply)(std::string_view text, Config& config, StreamConfig& stream);
};

// In the order of --help.
std::span<const Setting> AllSettings();

// In the file, settings of some scopes are in a table, where their names lack the table's:
// auth-mode is `mode` in [auth]. Empty: at the top.
std::string_view TableOf(Setting::Scope scope);
std::string_view NameInFile(const Setting& setting);

// Null if there is none of this name.
const Setting* FindSetting(std::string_view name);

// "; did you mean 'port'?" with the nearest name, written `before` and `after` it, or nothing if
// none is close.
std::string Suggestion(std::string_view wrong, std::span<const std::string_view> known,
                       std::string_view before, std::string_view after);

// One setting as the user wrote it.
struct Assignment {
  const Setting* setting = nullptr;
  std::vector<std::string> texts;  // one, but for Kind::kList
  std::string place;               // for messages: "--bitrate", "pistream.toml:7: bitrate"
};

// Applies them in their order. The error says the place.
Result<void> Apply(const Assignment& assignment, Config& config, StreamConfig& stream);

// "true" or "false".
Result<bool> ParseFlag(std::string_view text);

// "800k", "1.5M", "800000": bits a second.
Result<int64_t> ParseBitrate(std::string_view text);

// libcamera[:ID], simulated[:SCENARIO.toml], simulated:RECORDING.y4m.
Result<SourceChoice> ParseSource(std::string_view text);

}  // namespace pistream
