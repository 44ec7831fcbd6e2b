#include "src/app/command_line.h"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <system_error>
#include <utility>

#include "CLI/CLI.hpp"
#include "src/app/config_file.h"

namespace pistream {
namespace {

using Action = CommandLine::Action;

std::string_view GroupOf(Setting::Scope scope) {
  switch (scope) {
    case Setting::Scope::kStream:
      return "Stream (in the file: at the top, or in [streams.NAME] for each of several)";
    case Setting::Scope::kListener:
      return "Listener";
    case Setting::Scope::kTls:
      return "Encryption (in the file: below [tls], without tls-)";
    case Setting::Scope::kAuth:
      return "Who may watch and control (in the file: below [auth], without auth-)";
    case Setting::Scope::kProcess:
      return "Program";
  }
  std::abort();  // not an enumerator
}

CLI::Option* AddSetting(CLI::App& app, const Setting& setting) {
  const std::string name = fmt::format("--{}", setting.name);
  const std::string description(setting.description);
  CLI::Option* option = setting.kind == Setting::Kind::kFlag ? app.add_flag(name, description)
                                                             : app.add_option(name, description);
  option->group(std::string(GroupOf(setting.scope)));
  if (setting.kind != Setting::Kind::kFlag) {
    option->type_name(std::string(setting.value_name))
        ->default_str(std::string(setting.default_text));
  }
  if (setting.kind == Setting::Kind::kList) {
    option->expected(1)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  } else {
    option->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  }
  return option;
}

// The last one that was given counts, but of a list all do.
std::vector<std::string> TextsOf(const Setting& setting, const CLI::Option& option) {
  return setting.kind == Setting::Kind::kList ? option.results()
                                              : std::vector{option.results().back()};
}

// One line, whatever CLI11 made of it.
std::string OneLine(std::string text) {
  std::ranges::replace(text, '\n', ' ');
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

// CLI11's parser with pistream's options.
class Parser {
 public:
  Parser() {
    const std::string program(GroupOf(Setting::Scope::kProcess));
    app_.get_help_ptr()->description("Print this help and exit")->group(program);
    for (const Setting& setting : AllSettings()) {
      options_.emplace_back(&setting, AddSetting(app_, setting));
    }
    config_ = app_.add_option("--config", config_file_,
                              "TOML file with the same names; SIGHUP reloads it");
    config_->type_name("FILE");
    open_ = app_.add_flag("--open", "Everybody may watch and control: --auth-mode none");
    make_tokens_ = app_.add_option(
        "--make-tokens", token_file_,
        "Make a file of two new tokens, to view and to control, and exit; never replaces one");
    make_tokens_->type_name("FILE");
    for (CLI::Option* const option : {open_, make_tokens_}) {
      option->group(std::string(GroupOf(Setting::Scope::kAuth)))
          ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
    }
    check_config_ = app_.add_flag("--check-config", "Check the file of --config and exit");
    list_cameras_ = app_.add_flag("--list-cameras", "Print libcamera's cameras and exit");
    version_ = app_.add_flag("--version", "Print versions and exit");
    for (CLI::Option* const option : {config_, check_config_, list_cameras_, version_}) {
      option->group(program)->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
    }
  }

  Result<CommandLine> Parse(int argc, const char* const* argv) {
    if (const auto checked = CheckFlags(argc, argv); !checked) {
      return tl::unexpected(checked.error());
    }
    try {
      app_.parse(argc, argv);
    } catch (const CLI::CallForHelp&) {
      return CommandLine{.action = Action::kHelp,
                         .help = app_.help(),
                         .config_file = {},
                         .token_file = {},
                         .assignments = {}};
    } catch (const CLI::ExtrasError&) {
      return UnknownArgument(OneLine(app_.remaining().front()));
    } catch (const CLI::ArgumentMismatch& error) {
      // "--port: 1 required PORT missing"
      const std::string text = OneLine(error.what());
      return FailUsage("{} needs a value", text.substr(0, text.find(':')));
    } catch (const CLI::ParseError& error) {
      return FailUsage("{}", OneLine(error.what()));
    }
    return TakeResult();
  }

 private:
  // Whether a flag is given, and the last one is not --NAME=false.
  static Result<bool> IsOn(const CLI::Option& flag) {
    if (flag.count() == 0) {
      return false;
    }
    const auto value = ParseFlag(flag.results().back());
    return value ? value : FailUsage("{}: {}", flag.get_name(), value.error().message);
  }

  // To CLI11, --NAME= is the same as --NAME: but a variable that is not set must open nothing.
  Result<void> CheckFlags(int argc, const char* const* argv) const {
    for (const std::string_view argument : std::span(argv, static_cast<size_t>(argc))) {
      const std::string name(argument.substr(0, argument.find('=')));
      const CLI::Option* const option = app_.get_option_no_throw(name);
      const bool is_flag = option != nullptr && option->get_items_expected_max() == 0;
      if (is_flag && argument.size() == name.size() + 1) {
        return FailUsage("{}: '' is neither true nor false", name);
      }
    }
    return {};
  }

  Result<CommandLine> TakeResult() const {
    const auto is_open = IsOn(*open_);
    const auto is_version = IsOn(*version_);
    const auto lists_cameras = IsOn(*list_cameras_);
    const auto checks_config = IsOn(*check_config_);
    for (const auto* const flag : {&is_open, &is_version, &lists_cameras, &checks_config}) {
      if (!*flag) {
        return tl::unexpected(flag->error());
      }
    }
    if (config_->count() > 0 && config_file_.empty()) {
      return FailUsage("--config needs a file");
    }
    if (make_tokens_->count() > 0 && token_file_.empty()) {
      return FailUsage("--make-tokens needs a file");
    }
    CommandLine result{.action = Action::kServe,
                       .help = "",
                       .config_file = config_file_,
                       .token_file = token_file_,
                       .assignments = {}};
    for (const auto& [setting, option] : options_) {
      if (option->count() > 0) {
        result.assignments.push_back({.setting = setting,
                                      .texts = TextsOf(*setting, *option),
                                      .place = fmt::format("--{}", setting->name)});
      }
    }
    if (*is_open) {
      result.assignments.push_back(
          {.setting = FindSetting("auth-mode"), .texts = {"none"}, .place = "--open"});
    }
    if (*is_version) {
      result.action = Action::kVersion;
    } else if (make_tokens_->count() > 0) {
      result.action = Action::kMakeTokens;
    } else if (*lists_cameras) {
      result.action = Action::kListCameras;
    } else if (*checks_config) {
      result.action = Action::kCheckConfig;
      if (config_file_.empty()) {
        return FailUsage("--check-config: there is no file to check; add --config FILE");
      }
    }
    return result;
  }

  Result<CommandLine> UnknownArgument(const std::string& argument) const {
    if (!argument.starts_with('-')) {
      return FailUsage("'{}': unexpected argument; options begin with --, see pistream --help",
                       argument);
    }
    std::vector<std::string> names;
    for (const CLI::Option* const option : app_.get_options()) {
      names.push_back(option->get_single_name());
    }
    const std::vector<std::string_view> known(names.begin(), names.end());
    const std::string option = argument.substr(0, argument.find('='));
    const std::string name = option.substr(std::min(option.find_first_not_of('-'), option.size()));
    const std::string suggestion = Suggestion(name, known, "--", "");
    return FailUsage("{}: unknown option{}", option,
                     suggestion.empty() ? "; see pistream --help" : suggestion);
  }

  CLI::App app_{"Live video from cameras into any browser", "pistream"};
  std::vector<std::pair<const Setting*, CLI::Option*>> options_;  // the app's
  std::string config_file_;
  std::string token_file_;
  CLI::Option* open_ = nullptr;
  CLI::Option* make_tokens_ = nullptr;
  CLI::Option* config_ = nullptr;
  CLI::Option* check_config_ = nullptr;
  CLI::Option* list_cameras_ = nullptr;
  CLI::Option* version_ = nullptr;
};

// The tokens that systemd has passed on to the service (LoadCredential=); empty: none.
std::filesystem::path CredentialFile() {
  const char* const directory = std::getenv("CREDENTIALS_DIRECTORY");
  if (directory == nullptr) {
    return {};
  }
  const std::filesystem::path file = std::filesystem::path(directory) / "pistream-tokens";
  std::error_code unreadable;
  return std::filesystem::exists(file, unreadable) ? file : std::filesystem::path();
}

// Makes a Config of the command line and the file, and finds the place of what is wrong with it.
class Loader {
 public:
  Loader(const CommandLine& command_line, const ConfigFile& file)
      : command_line_(command_line), file_(file) {}

  Result<Config> Load() {
    Config config;
    const auto applied = file_.has_tables ? ApplyTables(config) : ApplyOneStream(config);
    if (!applied) {
      return tl::unexpected(applied.error());
    }
    if (config.auth.tokens.empty()) {
      config.auth.tokens = CredentialFile();
    }
    if (const auto fault = FindFault(config)) {
      return FailUsage("{}: {}", PlaceOf(*fault), fault->message);
    }
    return config;
  }

 private:
  Result<void> ApplyOneStream(Config& config) const {
    return ApplyTopLevel(config, config.streams.front());
  }

  Result<void> ApplyTables(Config& config) const {
    const auto of_stream =
        std::ranges::find(command_line_.assignments, Setting::Scope::kStream,
                          [](const Assignment& given) { return given.setting->scope; });
    if (of_stream != command_line_.assignments.end()) {
      return FailUsage(
          "{}: {} describes its streams in [streams] tables; set it there, or leave out the option",
          of_stream->place, command_line_.config_file.string());
    }
    config.streams.clear();
    for (const StreamTable& table : file_.streams) {
      StreamConfig& stream = config.streams.emplace_back();
      stream.name = table.name;
      if (auto applied = ApplyFile(table.assignments, config, stream); !applied) {
        return applied;
      }
    }
    StreamConfig none;
    return ApplyTopLevel(config, none);
  }

  Result<void> ApplyTopLevel(Config& config, StreamConfig& stream) const {
    if (auto applied = ApplyFile(file_.assignments, config, stream); !applied) {
      return applied;
    }
    return ApplyCommandLine(config, stream);
  }

  Result<void> ApplyCommandLine(Config& config, StreamConfig& stream) const {
    for (const Assignment& assignment : command_line_.assignments) {
      if (auto applied = Apply(assignment, config, stream); !applied) {
        return applied;
      }
    }
    return {};
  }

  // What the command line sets replaces what the file says, whole lists too.
  Result<void> ApplyFile(const std::vector<Assignment>& assignments, Config& config,
                         StreamConfig& stream) const {
    for (const Assignment& assignment : assignments) {
      if (FindAssignment(command_line_.assignments, assignment.setting->name) != nullptr) {
        continue;
      }
      if (auto applied = Apply(assignment, config, stream); !applied) {
        return applied;
      }
    }
    return {};
  }

  static const Assignment* FindAssignment(const std::vector<Assignment>& assignments,
                                          std::string_view name) {
    const auto found = std::ranges::find(
        assignments, name, [](const Assignment& given) { return given.setting->name; });
    return found == assignments.end() ? nullptr : &*found;
  }

  // The most exact one: the setting's, else the stream's table, else the file.
  std::string PlaceOf(const ConfigFault& fault) const {
    if (file_.has_tables && fault.stream) {
      const StreamTable& table = file_.streams[*fault.stream];
      const Assignment* const given = FindAssignment(table.assignments, fault.setting);
      return given != nullptr ? given->place : table.place;
    }
    for (const auto* const assignments : {&command_line_.assignments, &file_.assignments}) {
      if (const Assignment* const given = FindAssignment(*assignments, fault.setting)) {
        return given->place;
      }
    }
    return file_.has_tables ? command_line_.config_file.string()
                            : fmt::format("--{}", fault.setting);
  }

  const CommandLine& command_line_;
  const ConfigFile& file_;
};

}  // namespace

Result<CommandLine> ParseCommandLine(int argc, const char* const* argv) {
  return Parser().Parse(argc, argv);
}

Result<Config> LoadConfig(const CommandLine& command_line) {
  ConfigFile file;
  if (!command_line.config_file.empty()) {
    auto read = ReadConfigFile(command_line.config_file);
    if (!read) {
      return tl::unexpected(std::move(read).error());
    }
    file = *std::move(read);
  }
  return Loader(command_line, file).Load();
}

}  // namespace pistream
