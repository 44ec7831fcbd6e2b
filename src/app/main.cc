#include <sys/resource.h>

#include <csignal>
#include <cstdio>
#include <string>
#include <utility>
#include <variant>

#include "src/app/application.h"
#include "src/app/options.h"
#include "src/app/sources.h"
#include "src/base/log.h"

namespace pistream {
namespace {

// The exit codes of design.md's command line.
enum ExitCode { kStopped = 0, kFailed = 1, kBadUsage = 2 };

ExitCode Complain(const Error& error) {
  std::fprintf(stderr, "pistream: %s\n", error.message.c_str());
  return error.is_bad_usage ? kBadUsage : kFailed;
}

ExitCode Print(const std::string& text) {
  std::fputs(text.c_str(), stdout);
  return std::fflush(stdout) == 0 ? kStopped : Complain({.message = "cannot write to stdout"});
}

ExitCode Run(const Options& options) {
  if (options.version) {
    return Print(VersionText());
  }
  if (options.list_cameras) {
    const auto listing = CameraListing();
    return listing ? Print(*listing) : Complain(listing.error());
  }
  const auto served = Serve(options);
  return served ? kStopped : Complain(served.error());
}

// Each viewer is a file descriptor; the soft limit is usually 1024, the hard one the machine's.
void AllowManyViewers() {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
  }
}

ExitCode Main(int argc, const char* const* argv) {
  const auto parsed = ParseOptions(argc, argv);
  if (!parsed) {
    Complain(parsed.error());
    return kBadUsage;
  }
  if (const auto* const help = std::get_if<HelpText>(&*parsed)) {
    return Print(help->text);
  }
  const Options& options = std::get<Options>(*parsed);
  log::SetLevel(options.log_level);
  // A viewer that hangs up is an error code of the write, not the end of the program.
  std::signal(SIGPIPE, SIG_IGN);
  AllowManyViewers();
  return Run(options);
}

}  // namespace
}  // namespace pistream

int main(int argc, char** argv) { return pistream::Main(argc, argv); }
