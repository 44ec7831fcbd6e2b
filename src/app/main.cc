#include <sys/resource.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "fmt/ranges.h"
#include "src/app/application.h"
#include "src/app/certificates.h"
#include "src/app/command_line.h"
#include "src/app/config.h"
#include "src/app/sources.h"
#include "src/auth/tokens.h"
#include "src/base/log.h"

namespace pistream {
namespace {

// As documented in docs/operations.md.
enum ExitCode { kStopped = 0, kFailed = 1, kBadUsage = 2 };

ExitCode ReportError(const Error& error) {
  std::fprintf(stderr, "pistream: %s\n", error.message.c_str());
  return error.is_bad_usage ? kBadUsage : kFailed;
}

ExitCode Print(const std::string& text) {
  std::fputs(text.c_str(), stdout);
  return std::fflush(stdout) == 0 ? kStopped : ReportError({.message = "cannot write to stdout"});
}

ExitCode PrintCameras() {
  const auto listing = CameraListing();
  return listing ? Print(*listing) : ReportError(listing.error());
}

ExitCode MakeTokens(const std::filesystem::path& file) {
  if (const auto made = MakeTokenFile(file); !made) {
    return ReportError(made.error());
  }
  return Print(
      fmt::format("{} has two new tokens, one to view and one to control: start pistream "
                  "with --auth-tokens {}\n",
                  file.string(), file.string()));
}

ExitCode CheckConfig(const CommandLine& command_line, const Config& config) {
  if (const auto checked = CheckSimulations(config); !checked) {
    return ReportError(checked.error());
  }
  if (!config.auth.IsForEverybody()) {
    if (const auto tokens = ReadTokenFile(config.auth.tokens); !tokens) {
      return ReportError(tokens.error());
    }
  }
  if (const auto checked = CheckCertificate(config.tls); !checked) {
    return ReportError(checked.error());
  }
  for (const std::string& warning : Warnings(config)) {
    log::Warning("{}", warning);
  }
  std::vector<std::string_view> names;
  for (const StreamConfig& stream : config.streams) {
    names.push_back(stream.name);
  }
  return Print(fmt::format("{} is valid: {} {}: {}\n", command_line.config_file.string(),
                           names.size(), names.size() == 1 ? "stream" : "streams",
                           fmt::join(names, ", ")));
}

// Each viewer is a file descriptor; the soft limit is usually 1024, the hard one the machine's.
void AllowManyViewers() {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
  }
}

ExitCode RunConfigured(const CommandLine& command_line) {
  const auto config = LoadConfig(command_line);
  if (!config) {
    return ReportError(config.error());
  }
  log::SetLevel(config->log_level);
  if (command_line.action == CommandLine::Action::kCheckConfig) {
    return CheckConfig(command_line, *config);
  }
  // A viewer that disconnects makes a write fail; it must not end the program.
  std::signal(SIGPIPE, SIG_IGN);
  AllowManyViewers();
  const auto served = Serve(command_line, *config);
  return served ? kStopped : ReportError(served.error());
}

ExitCode Main(int argc, const char* const* argv) {
  const auto command_line = ParseCommandLine(argc, argv);
  if (!command_line) {
    return ReportError(command_line.error());
  }
  switch (command_line->action) {
    case CommandLine::Action::kHelp:
      return Print(command_line->help);
    case CommandLine::Action::kVersion:
      return Print(VersionText());
    case CommandLine::Action::kListCameras:
      return PrintCameras();
    case CommandLine::Action::kMakeTokens:
      return MakeTokens(command_line->token_file);
    case CommandLine::Action::kCheckConfig:
    case CommandLine::Action::kServe:
      return RunConfigured(*command_line);
  }
  std::abort();  // not an enumerator
}

}  // namespace
}  // namespace pistream

int main(int argc, char** argv) { return pistream::Main(argc, argv); }
