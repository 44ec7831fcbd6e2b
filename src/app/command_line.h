// The command line, and the configuration that it and the file of --config describe.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "src/app/config.h"
#include "src/app/settings.h"
#include "src/base/result.h"

namespace pistream {

struct CommandLine {
  enum class Action { kServe, kCheckConfig, kListCameras, kMakeTokens, kHelp, kVersion };

  Action action = Action::kServe;
  std::string help;                     // what --help prints
  std::filesystem::path config_file;    // empty: none
  std::filesystem::path token_file;     // of kMakeTokens
  std::vector<Assignment> assignments;  // the other options
};

// The error names the option, what is wrong with it and what to do. Values are checked by
// LoadConfig.
Result<CommandLine> ParseCommandLine(int argc, const char* const* argv);

// Reads the file, if there is one, and puts the command line's settings above those of the file. To
// be called again to reload the file. If neither names tokens, those that systemd has passed on
// count. The error is one line that names the option, or the file, its line, the stream and the
// setting.
Result<Config> LoadConfig(const CommandLine& command_line);

}  // namespace pistream
