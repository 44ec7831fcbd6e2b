// Links between two network namespaces of this machine, each as a profile describes it:
//
//   link_emulator run PROFILE.toml...              one link for each profile; see `Session`
//   link_emulator enter NAMESPACE -- COMMAND...    COMMAND at one end of the links
//   link_emulator describe PROFILE.toml            the profile as JSON
//
// Exit codes: 1 failure, 2 bad usage, 3 no rights for namespaces or TUN devices.

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "e2e/links/link.h"
#include "e2e/links/network_namespace.h"
#include "e2e/links/profile.h"
#include "e2e/links/report.h"
#include "fmt/format.h"
#include "src/base/clock.h"

namespace pistream::links {
namespace {

constexpr int kFailed = 1;
constexpr int kBadUsage = 2;
constexpr int kNoRights = 3;
constexpr int kMostLinks = 250;

struct Options {
  std::vector<std::string> profiles;
  std::string congestion = "cubic";
  std::optional<uint64_t> seed;
  std::string network;
  std::vector<std::string> command;
};

SteadyTime Now() { return Clock::Real().Now(); }

double MonotonicMs() { return 1000 * Seconds(Now().time_since_epoch()); }

void Say(const std::string& line) {
  std::puts(line.c_str());
  std::fflush(stdout);
}

int Complain(const Error& error, int code) {
  std::fprintf(stderr, "link_emulator: %s\n", error.message.c_str());
  return code;
}

// Carries packets until stdin ends. Lines on stdin: "start" begins the schedules of steps and
// outages, "count" asks for the counters. Prints a line of JSON when it is ready, after each of
// these, and at the end.
class Session {
 public:
  explicit Session(std::vector<Link> links) : links_(std::move(links)) {
    Poll(STDIN_FILENO);
    for (const Link& link : links_) {
      Poll(link.server_fd());
      Poll(link.client_fd());
    }
  }

  void Run() {
    do {
      const SteadyTime now = Now();
      for (Link& link : links_) {
        link.Exchange(now);
      }
      Wait();
    } while (polled_[0].revents == 0 || ReadCommands());
    Say(CountersToJson(links_));
  }

 private:
  void Poll(int fd) { polled_.push_back({.fd = fd, .events = POLLIN, .revents = 0}); }

  // For a packet, a command, or the time of the next delivery.
  void Wait() {
    std::optional<SteadyTime> next;
    for (const Link& link : links_) {
      const auto arrival = link.NextArrival();
      next = next && arrival ? std::min(next, arrival) : next ? next : arrival;
    }
    timespec timeout{};
    if (next) {
      const auto left = std::max(*next - Now(), Duration::zero());
      timeout.tv_sec = std::chrono::floor<std::chrono::seconds>(left).count();
      timeout.tv_nsec = (left % std::chrono::seconds(1)).count();
    }
    ppoll(polled_.data(), polled_.size(), next ? &timeout : nullptr, nullptr);
  }

  // False at the end of stdin.
  bool ReadCommands() {
    char buffer[256];
    const ssize_t size = read(STDIN_FILENO, buffer, sizeof buffer);
    if (size <= 0) {
      return false;
    }
    received_.append(buffer, static_cast<size_t>(size));
    for (size_t end = 0; (end = received_.find('\n')) != std::string::npos;) {
      Obey(received_.substr(0, end));
      received_.erase(0, end + 1);
    }
    return true;
  }

  void Obey(const std::string& command) {
    if (command == "start") {
      const SteadyTime now = Now();
      for (Link& link : links_) {
        link.Start(now);
      }
      Say(fmt::format(R"({{"startedMs":{:.3f}}})", MonotonicMs()));
    } else if (command == "count") {
      Say(CountersToJson(links_));
    }
  }

  std::vector<Link> links_;
  std::vector<pollfd> polled_;
  std::string received_;
};

Result<std::vector<LinkProfile>> ReadAll(const Options& options) {
  std::vector<LinkProfile> all;
  for (const std::string& file : options.profiles) {
    auto profiles = ReadProfiles(file);
    if (!profiles) {
      return tl::unexpected(profiles.error());
    }
    for (LinkProfile& profile : *profiles) {
      profile.seed = options.seed.value_or(profile.seed);
      all.push_back(std::move(profile));
    }
  }
  if (all.size() > kMostLinks) {
    return FailUsage("{} links are more than {}", all.size(), kMostLinks);
  }
  return all;
}

Result<Ends> CreateEnds(const std::string& congestion) {
  AllowCongestionControl(congestion);
  const auto rights = GainNetworkRights();
  if (!rights) {
    return tl::unexpected(rights.error());
  }
  auto server = EnterNewNamespace();
  if (!server) {
    return tl::unexpected(server.error());
  }
  const auto set = SetCongestionControl(congestion);
  if (!set) {
    // The links are as good; the ready line says which one is in force.
    (void)Complain(set.error(), kFailed);
  }
  auto client = EnterNewNamespace();
  if (!client) {
    return tl::unexpected(client.error());
  }
  return Ends{.server = *std::move(server), .client = *std::move(client)};
}

Result<std::vector<Link>> CreateLinks(const std::vector<LinkProfile>& profiles, const Ends& ends) {
  std::vector<Link> links;
  for (const LinkProfile& profile : profiles) {
    auto link = Link::Create(profile, static_cast<int>(links.size()), ends);
    if (!link) {
      return tl::unexpected(link.error());
    }
    links.push_back(*std::move(link));
  }
  return links;
}

// Late packets would be measured as the link's delay.
bool BecomeRealTime() {
  const sched_param parameters{.sched_priority = 1};
  return sched_setscheduler(0, SCHED_FIFO, &parameters) == 0;
}

std::string ReadyLine(const std::vector<Link>& links, const Ends& ends, bool is_real_time) {
  std::vector<std::string> described;
  for (size_t i = 0; i < links.size(); ++i) {
    const int number = static_cast<int>(i);
    described.push_back(fmt::format(R"({{"name":"{}","server":"{}","client":"{}"}})",
                                    links[i].name(), Link::ServerAddress(number),
                                    Link::ClientAddress(number)));
  }
  (void)EnterNamespace(ends.server);
  return fmt::format(
      R"({{"ready":true,"kind":"TUN between namespaces","congestion":"{}","realTime":{},)"
      R"("server":"/proc/{}/fd/{}","client":"/proc/{}/fd/{}","links":[{}]}})",
      ReadCongestionControl().value_or("?"), is_real_time, getpid(), ends.server.get(), getpid(),
      ends.client.get(), fmt::join(described, ","));
}

int Run(const Options& options) {
  const auto profiles = ReadAll(options);
  if (!profiles) {
    return Complain(profiles.error(), kBadUsage);
  }
  const auto ends = CreateEnds(options.congestion);
  if (!ends) {
    return Complain(ends.error(), kNoRights);
  }
  auto links = CreateLinks(*profiles, *ends);
  if (!links) {
    return Complain(links.error(), kNoRights);
  }
  const bool is_real_time = BecomeRealTime();
  const std::string ready = ReadyLine(*links, *ends, is_real_time);
  Session session(*std::move(links));
  Say(ready);
  session.Run();
  return 0;
}

ino_t InodeOf(const std::string& path) {
  struct stat status{};
  return stat(path.c_str(), &status) == 0 ? status.st_ino : 0;
}

// The user namespace of the process whose descriptor `network` names, if it is another one.
Result<void> EnterUserNamespaceOf(const std::string& network) {
  const std::string user = network.substr(0, network.find("/fd/")) + "/ns/user";
  if (InodeOf(user) == InodeOf("/proc/self/ns/user")) {
    return {};
  }
  const FileDescriptor fd(open(user.c_str(), O_RDONLY | O_CLOEXEC));
  if (setns(fd.get(), CLONE_NEWUSER) != 0) {
    return Fail("cannot enter {}: {}", user, std::strerror(errno));
  }
  return {};
}

int Enter(Options options) {
  const FileDescriptor network(open(options.network.c_str(), O_RDONLY | O_CLOEXEC));
  const auto entered =
      EnterUserNamespaceOf(options.network).and_then([&] { return EnterNamespace(network); });
  if (!entered) {
    return Complain(entered.error(), kFailed);
  }
  std::vector<char*> arguments;
  for (std::string& argument : options.command) {
    arguments.push_back(argument.data());
  }
  arguments.push_back(nullptr);
  execvp(arguments[0], arguments.data());
  return Complain({fmt::format("cannot run {}: {}", arguments[0], std::strerror(errno))}, kFailed);
}

int Describe(const Options& options) {
  const auto profiles = ReadAll(options);
  if (!profiles) {
    return Complain(profiles.error(), kBadUsage);
  }
  Say(ToJson(*profiles));
  return 0;
}

int Main(int count, char** arguments) {
  Options options;
  CLI::App app("Links between two network namespaces, each as a profile describes it");
  app.require_subcommand(1);
  CLI::App* const run = app.add_subcommand("run", "Carry packets until stdin ends");
  run->add_option("PROFILE", options.profiles, "Files like those in e2e/links")->required();
  run->add_option("--congestion", options.congestion, "TCP's congestion control at the server");
  run->add_option("--seed", options.seed, "Of chance, instead of the profiles'");
  CLI::App* const enter = app.add_subcommand("enter", "Run a command at one end of the links");
  enter->add_option("NAMESPACE", options.network, "As `run` prints it")->required();
  enter->add_option("COMMAND", options.command)->required();
  CLI::App* const describe = app.add_subcommand("describe", "Print profiles as JSON");
  describe->add_option("PROFILE", options.profiles)->required();
  try {
    app.parse(count, arguments);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kBadUsage;
  }
  return *run ? Run(options) : *enter ? Enter(std::move(options)) : Describe(options);
}

}  // namespace
}  // namespace pistream::links

int main(int count, char** arguments) { return pistream::links::Main(count, arguments); }
