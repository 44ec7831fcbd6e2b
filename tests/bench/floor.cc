// The least that a server of the stream can do, to hold pistream against: one thread that sleeps to
// an absolute deadline, then one send() of a ready-made frame to each viewer. It accepts all
// viewers first, says 101 without looking, and drops whoever does not take a whole frame.
//
//   bazel run -c opt //tests/bench:load -- --viewers 1 --capture /tmp/stream   (from a real server)
//   bazel run -c opt //tests/bench:floor -- --capture /tmp/stream --viewers 1000
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"

namespace pistream::bench {
namespace {

using Bytes = std::vector<char>;

struct FloorOptions {
  std::string capture;
  int viewers = 100;
  int groups = 1;
  double framerate = 24;
  double seconds = 3600;
};

[[noreturn]] void Die(const char* what) {
  std::perror(what);
  std::exit(1);
}

// RFC 6455, 5.2: the whole frame at `from`, header included; empty where the capture ends in one.
Bytes FrameAt(const Bytes& capture, size_t from) {
  const auto byte = [&](size_t i) -> size_t {
    return from + i < capture.size() ? static_cast<uint8_t>(capture[from + i]) : 0;
  };
  size_t header = 2;
  size_t payload = byte(1) & 0x7F;
  if (payload >= 126) {
    const size_t extended = payload == 126 ? 2 : 8;
    payload = 0;
    for (size_t i = 0; i < extended; ++i) {
      payload = payload << 8 | byte(2 + i);
    }
    header += extended;
  }
  const size_t end = from + header + payload;
  if (from + 2 > capture.size() || end > capture.size()) {
    return {};
  }
  return {capture.begin() + static_cast<std::ptrdiff_t>(from),
          capture.begin() + static_cast<std::ptrdiff_t>(end)};
}

// The recording's frames: the jsmp header first, then pictures.
std::vector<Bytes> ReadFrames(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const Bytes capture{std::istreambuf_iterator<char>(file), {}};
  const std::string end_of_response = "\r\n\r\n";
  const auto response =
      std::search(capture.begin(), capture.end(), end_of_response.begin(), end_of_response.end());
  std::vector<Bytes> frames;
  if (response != capture.end()) {
    auto from = static_cast<size_t>(response - capture.begin()) + end_of_response.size();
    for (Bytes frame = FrameAt(capture, from); !frame.empty(); frame = FrameAt(capture, from)) {
      from += frame.size();
      frames.push_back(std::move(frame));
    }
  }
  return frames;
}

int Listen() {
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      listen(listener, SOMAXCONN) != 0) {
    Die("floor: cannot listen");
  }
  getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  std::printf("floor ready ws://127.0.0.1:%d/\n", ntohs(address.sin_port));
  std::fflush(stdout);
  return listener;
}

int AcceptViewer(int listener, const Bytes& header_frame) {
  const int viewer = accept(listener, nullptr, nullptr);
  if (viewer < 0) {
    Die("floor: accept");
  }
  const int on = 1;
  setsockopt(viewer, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  std::array<char, 4096> request{};
  [[maybe_unused]] const ssize_t taken = recv(viewer, request.data(), request.size(), 0);
  const std::string response =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
  send(viewer, response.data(), response.size(), MSG_NOSIGNAL);
  send(viewer, header_frame.data(), header_frame.size(), MSG_NOSIGNAL);
  return viewer;
}

void SendToAll(std::vector<int>& viewers, const Bytes& frame) {
  for (int& viewer : viewers) {
    if (send(viewer, frame.data(), frame.size(), MSG_DONTWAIT | MSG_NOSIGNAL) !=
        static_cast<ssize_t>(frame.size())) {
      close(viewer);
      viewer = -1;
    }
  }
  std::erase(viewers, -1);
}

// Each group gets its own pictures, one group after the other within a frame time: the cameras of
// several streams are not in step either.
void Broadcast(std::vector<std::vector<int>> groups, const std::vector<Bytes>& pictures,
               const FloorOptions& options) {
  timespec deadline{};
  clock_gettime(CLOCK_MONOTONIC, &deadline);
  const double sends_a_second = options.framerate * options.groups;
  const auto step_ns = static_cast<int64_t>(1e9 / sends_a_second);
  const auto count = static_cast<size_t>(options.seconds * sends_a_second);
  for (size_t i = 0; i < count; ++i) {
    const int64_t ns = deadline.tv_nsec + step_ns;
    deadline.tv_sec += ns / 1'000'000'000;
    deadline.tv_nsec = ns % 1'000'000'000;
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &deadline, nullptr);
    SendToAll(groups[i % groups.size()], pictures[i / groups.size() % pictures.size()]);
    if (std::ranges::all_of(groups, [](const auto& group) { return group.empty(); })) {
      return;
    }
  }
}

int Run(const FloorOptions& options) {
  std::vector<Bytes> frames = ReadFrames(options.capture);
  if (frames.size() < 2) {
    std::fprintf(stderr, "floor: no pictures in %s: make it with load --capture\n",
                 options.capture.c_str());
    return 2;
  }
  const Bytes header = frames.front();
  frames.erase(frames.begin());
  const int listener = Listen();
  // In turn, as the load generator spreads its viewers over streams.
  std::vector<std::vector<int>> groups(static_cast<size_t>(options.groups));
  for (size_t i = 0; i < static_cast<size_t>(options.viewers); ++i) {
    groups[i % groups.size()].push_back(AcceptViewer(listener, header));
  }
  Broadcast(std::move(groups), frames, options);
  return 0;
}

}  // namespace
}  // namespace pistream::bench

int main(int argc, char** argv) {
  pistream::bench::FloorOptions options;
  CLI::App app("The least that a server of the stream can do", "floor");
  app.add_option("--capture", options.capture, "A viewer's bytes, by load --capture")->required();
  app.add_option("--viewers", options.viewers, "How many to accept before the first picture");
  app.add_option("--groups", options.groups, "As many streams, among which the viewers are divided")
      ->check(CLI::PositiveNumber);
  app.add_option("--framerate", options.framerate, "Pictures a second")->capture_default_str();
  app.add_option("--seconds", options.seconds, "How long");
  CLI11_PARSE(app, argc, argv);
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  return pistream::bench::Run(options);
}
