// A load of viewers, healthy and otherwise, on any server of the protocol, and what they saw.
//
//   bazel run -c opt //tests/bench:load -- --port 8082 --viewers 1000 --server-pid PID
//
// Several paths, or several ports, are several streams: viewers take them in turn.
//
// One thread, one epoll. Times are of the steady clock, which the server beside it shares. Prints
// one JSON object. Exit code 1 if a healthy viewer missed a picture or was closed.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "fmt/format.h"
#include "src/wire/picture_message.h"
#include "tests/bench/client_socket.h"
#include "tests/bench/picture_log.h"
#include "tests/bench/process_usage.h"
#include "tests/bench/stream_reader.h"

namespace pistream::bench {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

struct LoadOptions {
  std::string host = "127.0.0.1";
  std::vector<uint16_t> ports = {8082};
  std::vector<std::string> paths = {"/stream"};
  int viewers = 100;
  double seconds = 10;
  int connect_rate = 500;  // healthy viewers a second, while the load builds up
  double join_rate = 0;    // further viewers a second while it is measured
  int joins = -1;          // no more of them than this; -1: no limit
  std::string join_path = "/stream";
  bool joiners_leave = false;
  int recovering = 0;      // read nothing for `pause`, then all there is
  double pause = 5;        // seconds
  double framerate = 24;   // the server's: a picture two frame times old is not live
  int stalled = 0;         // read nothing
  int trickling = 0;       // read one byte a second
  double vanish_rate = 0;  // a second: connect and are gone
  bool headers = false;    // healthy viewers ask for pistream.v1
  double ping_period = 0;  // in seconds, of each healthy viewer; 0: none
  bool tls = false;        // joiners resume the session of one before them
  std::string ciphersuite = "TLS_AES_128_GCM_SHA256";
  std::string cookie;  // header field; empty: none
  std::vector<pid_t> server_pids;
  std::string capture;  // file for one viewer's messages, for the floor
};

enum class Role { kSteady, kJoiner, kRecovering, kStalled, kTrickling, kVanishing };

class Viewer {
 public:
  Viewer(Role role, size_t stream, int fd, ClientTls* tls, Time connecting)
      : socket(fd, tls, role == Role::kJoiner), since(connecting), role_(role), stream_(stream) {}

  void Close() { socket.Close(); }
  // Without closing TCP, like a machine that lost its network.
  void Vanish() {
    const linger reset{1, 0};
    setsockopt(fd(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    Close();
  }

  Role role() const { return role_; }
  size_t stream() const { return stream_; }  // index
  int fd() const { return socket.fd(); }

  ClientSocket socket;
  StreamReader reader;
  Time since;  // when it began to connect, or to read again
  bool has_picture = false;
  bool is_live = false;  // has a picture that is not older than two frame times
  bool request_sent = false;
  std::optional<size_t> last_picture;  // index in its stream's log
  uint64_t pictures = 0;
  uint64_t missed = 0;
  uint64_t sequence = 0;  // of the last picture, if it came with a header

 private:
  Role role_;
  size_t stream_;
};

struct Totals {
  uint64_t messages = 0;  // pictures to healthy viewers while measured
  uint64_t bytes = 0;
  uint64_t missed = 0;
  uint64_t lost_viewers = 0;  // healthy ones the server closed or refused
  uint64_t joins = 0;
  uint64_t resumed = 0;  // of these, by the session of an earlier connection
  uint64_t vanished = 0;
};

steady_clock::duration Seconds(double time) {
  return std::chrono::duration_cast<steady_clock::duration>(std::chrono::duration<double>(time));
}

double Milliseconds(steady_clock::duration time) {
  return std::chrono::duration<double, std::milli>(time).count();
}

// Of all servers together.
ProcessUsage ReadUsage(const std::vector<pid_t>& servers) {
  ProcessUsage sum;
  for (const pid_t server : servers) {
    const ProcessUsage usage = ReadProcessUsage(server);
    for (const auto& [thread, ns] : usage.cpu_ns_by_thread) {
      sum.cpu_ns_by_thread[thread] += ns;
    }
    sum.rss_anon_kib += usage.rss_anon_kib;
    sum.open_files += usage.open_files;
    sum.threads += usage.threads;
  }
  return sum;
}

class Load {
 public:
  explicit Load(const LoadOptions& options)
      : options_(options),
        epoll_(epoll_create1(EPOLL_CLOEXEC)),
        streams_(std::max(options.ports.size(), options.paths.size())) {
    address_.sin_family = AF_INET;
    if (inet_pton(AF_INET, options.host.c_str(), &address_.sin_addr) != 1) {
      Die("--host must be an IPv4 address");
    }
    if (options.tls) {
      tls_ = std::make_unique<ClientTls>(options.ciphersuite);
    }
    if (!options.capture.empty()) {
      capture_.open(options.capture, std::ios::binary);
    }
  }

  int Run() {
    BuildUp();
    AddMany(Role::kStalled, options_.stalled);
    AddMany(Role::kTrickling, options_.trickling);
    AddMany(Role::kRecovering, options_.recovering);
    RunUntil(steady_clock::now() + seconds(1));
    const ProcessUsage before = ReadUsage(options_.server_pids);
    const int64_t own_cpu_before = ReadProcessUsage(getpid()).CpuNs();
    const Time begin = steady_clock::now();
    measuring_ = true;
    resume_ = begin + Seconds(options_.pause);
    for (Stream& stream : streams_) {
      stream.first_measured = stream.log.entries().size() + 1;  // seen by all
    }
    RunUntil(begin + Seconds(options_.seconds));
    measuring_ = false;
    const Time end = steady_clock::now();
    own_cpu_ns_ = ReadProcessUsage(getpid()).CpuNs() - own_cpu_before;
    Print(before, ReadUsage(options_.server_pids), end - begin);
    return totals_.missed == 0 && totals_.lost_viewers == 0 ? 0 : 1;
  }

 private:
  struct Stream {
    PictureLog log;
    size_t first_measured = 0;
  };

  [[noreturn]] static void Die(const std::string& what) {
    std::fprintf(stderr, "load: %s\n", what.c_str());
    std::exit(2);
  }

  void BuildUp() {
    if (options_.viewers > 1) {
      // The first alone for a while: what the stream takes is not what a viewer takes.
      Add(Role::kSteady);
      RunUntil(steady_clock::now() + seconds(1));
      rss_of_one_kib_ = ReadUsage(options_.server_pids).rss_anon_kib;
    }
    const Time begin = steady_clock::now();
    for (int made = options_.viewers > 1 ? 1 : 0; made < options_.viewers; ++made) {
      RunUntil(begin + seconds(1) * made / options_.connect_rate);
      Add(Role::kSteady);
    }
    const Time deadline = steady_clock::now() + seconds(30);
    while (with_picture_ < options_.viewers && steady_clock::now() < deadline) {
      RunUntil(steady_clock::now() + milliseconds(10));
    }
    if (with_picture_ < options_.viewers) {
      Die(fmt::format("only {} of {} viewers have a picture after 30 s", with_picture_,
                      options_.viewers));
    }
  }

  void AddMany(Role role, int count) {
    for (int i = 0; i < count; ++i) {
      Add(role);
    }
  }

  void Add(Role role) {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
      Die(fmt::format("socket: {}", std::strerror(errno)));
    }
    if (role == Role::kStalled || role == Role::kTrickling) {
      // Small, or the kernel of this side would read for them.
      const int bytes = 4096;
      setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
    }
    const size_t stream = added_++ % streams_.size();
    auto viewer = std::make_unique<Viewer>(role, stream, fd, tls_.get(), steady_clock::now());
    address_.sin_port = htons(PortOf(*viewer));
    if (connect(fd, reinterpret_cast<const sockaddr*>(&address_), sizeof address_) != 0 &&
        errno != EINPROGRESS) {
      Die(fmt::format("connect: {}", std::strerror(errno)));
    }
    epoll_event event{};
    event.events = EPOLLIN | EPOLLOUT | EPOLLET;
    event.data.ptr = viewer.get();
    epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
    viewers_.push_back(std::move(viewer));
  }

  uint16_t PortOf(const Viewer& viewer) const {
    return options_.ports[viewer.stream() % options_.ports.size()];
  }

  const std::string& PathOf(const Viewer& viewer) const {
    return viewer.role() == Role::kJoiner ? options_.join_path
                                          : options_.paths[viewer.stream() % options_.paths.size()];
  }

  void RunUntil(Time deadline) {
    for (Time now = steady_clock::now(); now < deadline; now = steady_clock::now()) {
      const Time next = std::min(deadline, NextChore(now));
      const auto wait = std::chrono::ceil<milliseconds>(next - now);
      std::array<epoll_event, 512> events{};
      const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()),
                                   static_cast<int>(wait.count()));
      for (int i = 0; i < count; ++i) {
        OnEvent(*static_cast<Viewer*>(events[static_cast<size_t>(i)].data.ptr));
      }
      closed_.clear();
    }
  }

  // Joins, vanishings and trickles are due at times of their own while the load is measured.
  Time NextChore(Time now) {
    if (!measuring_) {
      return now + seconds(1);
    }
    Time next = now + seconds(1);
    if (joined_ != options_.joins) {
      next = std::min(next, DoRepeatedly(now, options_.join_rate, next_join_, Role::kJoiner));
    }
    if (has_resumed_ || options_.recovering == 0) {
      // nothing to wake
    } else if (now >= resume_) {
      Resume();
    } else {
      next = std::min(next, resume_);
    }
    next = std::min(next, DoRepeatedly(now, options_.vanish_rate, next_vanish_, Role::kVanishing));
    if (options_.ping_period > 0) {
      next = std::min(next, PingInTurn(now));
    }
    if (options_.trickling > 0 && now >= next_trickle_) {
      next_trickle_ = now + seconds(1);
      Trickle();
    }
    return next;
  }

  Time DoRepeatedly(Time now, double rate, Time& due, Role role) {
    if (rate <= 0) {
      return Time::max();
    }
    if (due == Time()) {
      due = now;
    }
    while (due <= now && (role != Role::kJoiner || joined_ != options_.joins)) {
      joined_ += role == Role::kJoiner ? 1 : 0;
      Add(role);
      due += std::chrono::nanoseconds(static_cast<int64_t>(1e9 / rate));
    }
    return due;
  }

  // As players do, who acknowledge pictures with it; one after the other, evenly over the period.
  Time PingInTurn(Time now) {
    if (next_ping_ == Time()) {
      next_ping_ = now;
    }
    for (; next_ping_ <= now; next_ping_ += Seconds(options_.ping_period / options_.viewers)) {
      Viewer& viewer = *viewers_[pinged_++ % viewers_.size()];
      if (viewer.role() == Role::kSteady && viewer.fd() >= 0) {
        Ping(viewer);
      }
    }
    return next_ping_;
  }

  static void Ping(Viewer& viewer) {
    const std::string text = fmt::format(R"({{"type":"ping","id":1,"seen":{}}})", viewer.sequence);
    // Masked with zeros: RFC 6455, 5.3.
    std::string frame{'\x81', static_cast<char>(0x80 | text.size()), 0, 0, 0, 0};
    frame += text;
    [[maybe_unused]] const ssize_t sent = viewer.socket.Send(frame);
  }

  // What came in the meantime has raised its event then.
  void Resume() {
    has_resumed_ = true;
    for (size_t i = viewers_.size(); i-- > 0;) {  // one that ends changes places with the last
      Viewer& viewer = *viewers_[i];
      if (viewer.role() == Role::kRecovering && viewer.fd() >= 0) {
        viewer.is_live = false;
        viewer.since = steady_clock::now();
        ReadAll(viewer);
      }
    }
  }

  void Trickle() {
    for (const auto& viewer : viewers_) {
      char byte = 0;
      if (viewer->role() == Role::kTrickling && viewer->fd() >= 0) {
        [[maybe_unused]] const ssize_t taken = recv(viewer->fd(), &byte, 1, 0);
      }
    }
  }

  void OnEvent(Viewer& viewer) {
    if (viewer.fd() < 0) {
      return;
    }
    if (!viewer.request_sent && !(IsConnected(viewer) && SendRequest(viewer))) {
      return;
    }
    const bool is_paused = viewer.role() == Role::kRecovering && measuring_ && !has_resumed_;
    if (viewer.role() == Role::kStalled || viewer.role() == Role::kTrickling || is_paused) {
      return;
    }
    ReadAll(viewer);
  }

  // These are asked for pistream.v1, which tells when each picture was captured.
  bool AsksForHeaders(const Viewer& viewer) const {
    return viewer.role() == Role::kRecovering ||
           (viewer.role() == Role::kSteady && options_.headers) ||
           (viewer.role() == Role::kJoiner && options_.join_path == "/stream");
  }

  // After the handshake, if there is one.
  bool IsConnected(Viewer& viewer) {
    const auto handshake = viewer.socket.ContinueHandshake();
    if (handshake == ClientSocket::Handshake::kFailed) {
      End(viewer);
    }
    return handshake == ClientSocket::Handshake::kDone;
  }

  bool SendRequest(Viewer& viewer) {
    const std::string request = fmt::format(
        "GET {} HTTP/1.1\r\nHost: {}:{}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n{}{}\r\n",
        PathOf(viewer), options_.host, PortOf(viewer),
        AsksForHeaders(viewer) ? "Sec-WebSocket-Protocol: pistream.v1\r\n" : "",
        options_.cookie.empty() ? "" : fmt::format("Cookie: {}\r\n", options_.cookie));
    const ssize_t sent = viewer.socket.Send(request);
    if (sent < 0 && (errno == EAGAIN || errno == ENOTCONN)) {
      return false;
    }
    viewer.request_sent = sent == static_cast<ssize_t>(request.size());
    if (!viewer.request_sent) {
      End(viewer);
    }
    return viewer.request_sent;
  }

  void ReadAll(Viewer& viewer) {
    for (;;) {
      const ssize_t count = viewer.socket.Receive(buffer_);
      if (count < 0 && errno == EAGAIN) {
        return;
      }
      const Time now = steady_clock::now();
      const auto on_message = [&](const ServerMessage& message) {
        OnMessage(viewer, message, now);
      };
      if (count <= 0 || viewer.reader.Feed(std::span(buffer_).first(static_cast<size_t>(count)),
                                           on_message) != StreamReader::Status::kGood) {
        End(viewer);
        return;
      }
      Capture(viewer, std::span(buffer_).first(static_cast<size_t>(count)));
      if (viewer.role() == Role::kVanishing && viewer.has_picture) {
        viewer.Vanish();
        ++totals_.vanished;
        Forget(viewer);
        return;
      }
      if (options_.joiners_leave && viewer.role() == Role::kJoiner && viewer.is_live) {
        viewer.Close();
        Forget(viewer);
        return;
      }
      if (!viewer.socket.may_have_more()) {
        return;
      }
    }
  }

  void OnMessage(Viewer& viewer, const ServerMessage& message, Time now) {
    constexpr uint8_t kBinary = 2;
    const bool is_header = message.bytes == 8 && std::memcmp(message.start.data(), "jsmp", 4) == 0;
    if (message.opcode != kBinary || is_header) {
      return;
    }
    if (!viewer.has_picture) {
      viewer.has_picture = true;
      with_picture_ += viewer.role() == Role::kSteady ? 1 : 0;
    }
    if (!viewer.is_live && IsLive(viewer, message, now)) {
      OnLive(viewer, now);
    }
    if (viewer.role() == Role::kSteady) {
      CountPicture(viewer, message, now);
    } else if (measuring_) {
      ++totals_.messages;
      totals_.bytes += message.bytes;
    }
  }

  bool IsLive(const Viewer& viewer, const ServerMessage& message, Time now) const {
    if (!AsksForHeaders(viewer)) {
      return true;  // the server sends such a one nothing old
    }
    const auto header = wire::ParsePictureHeader(message.start);
    return header && now - header->captured <= Seconds(2 / options_.framerate);
  }

  void OnLive(Viewer& viewer, Time now) {
    viewer.is_live = true;
    if (viewer.role() == Role::kJoiner) {
      join_ms_.push_back(Milliseconds(now - viewer.since));
      ++totals_.joins;
      totals_.resumed += viewer.socket.is_resumed() ? 1 : 0;
    } else if (viewer.role() == Role::kRecovering && has_resumed_) {
      recovery_ms_.push_back(Milliseconds(now - viewer.since));
    }
  }

  void CountPicture(Viewer& viewer, const ServerMessage& message, Time now) {
    const size_t index = streams_[viewer.stream()].log.Received(message.fingerprint, now);
    if (measuring_) {
      ++totals_.messages;
      totals_.bytes += message.bytes;
      if (viewer.last_picture && index > *viewer.last_picture + 1) {
        totals_.missed += index - *viewer.last_picture - 1;
      }
    }
    viewer.last_picture = index;
    if (options_.headers) {
      const auto header = wire::ParsePictureHeader(message.start);
      viewer.sequence = header ? header->sequence : viewer.sequence;
    }
  }

  // All that the first viewer receives, response and frames.
  void Capture(const Viewer& viewer, std::span<const uint8_t> bytes) {
    if (capture_.is_open() && &viewer == viewers_.front().get()) {
      capture_.write(reinterpret_cast<const char*>(bytes.data()),
                     static_cast<std::streamsize>(bytes.size()));
    }
  }

  void End(Viewer& viewer) {
    if (viewer.role() == Role::kSteady || viewer.role() == Role::kJoiner) {
      ++totals_.lost_viewers;
    }
    viewer.Close();
    Forget(viewer);
  }

  // Keeps the object until the events at hand, which may point to it, are through.
  void Forget(Viewer& viewer) {
    for (auto& kept : viewers_) {
      if (kept.get() == &viewer && &kept != &viewers_.front()) {
        std::swap(kept, viewers_.back());
        closed_.push_back(std::move(viewers_.back()));
        viewers_.pop_back();
        return;
      }
    }
  }

  std::vector<double> Spreads() const {
    std::vector<double> spreads;
    for (const Stream& stream : streams_) {
      const auto& entries = stream.log.entries();
      for (size_t i = stream.first_measured; i + 1 < entries.size(); ++i) {
        spreads.push_back(Milliseconds(entries[i].last - entries[i].first));
      }
    }
    return spreads;
  }

  void Print(const ProcessUsage& before, const ProcessUsage& after, steady_clock::duration time) {
    std::vector<double> spreads = Spreads();
    fmt::print(
        "{{\"viewers\": {}, \"streams\": {}, \"seconds\": {:.3f}, \"pictures\": {}, \"messages\": "
        "{}, "
        "\"bytes\": {}, \"missed\": {}, \"lost_viewers\": {}, \"joins\": {}, \"resumed\": {}, "
        "\"vanished\": {},\n"
        " \"spread_ms\": {}, \"join_ms\": {}, \"recovered\": {}, \"recovery_ms\": {},\n"
        " \"cpu_ms_by_thread\": {}, \"rss_anon_kib\": [{}, {}], "
        "\"rss_of_one_kib\": {}, \"own_cpu_ms\": {:.3f}, \"open_files\": [{}, {}], "
        "\"threads\": {}}}\n",
        options_.viewers, streams_.size(), Milliseconds(time) / 1e3, spreads.size(),
        totals_.messages, totals_.bytes, totals_.missed, totals_.lost_viewers, totals_.joins,
        totals_.resumed, totals_.vanished, Json(spreads), Json(join_ms_), recovery_ms_.size(),
        Json(recovery_ms_), CpuJson(before, after), before.rss_anon_kib, after.rss_anon_kib,
        rss_of_one_kib_, static_cast<double>(own_cpu_ns_) / 1e6, before.open_files,
        after.open_files, after.threads);
  }

  static std::string Json(std::vector<double>& milliseconds) {
    const Percentiles at = PercentilesOf(milliseconds);
    return fmt::format(R"({{"p50": {:.3f}, "p95": {:.3f}, "p99": {:.3f}, "max": {:.3f}}})", at.p50,
                       at.p95, at.p99, at.max);
  }

  static std::string CpuJson(const ProcessUsage& before, const ProcessUsage& after) {
    std::string threads;
    for (const auto& [name, ns] : after.cpu_ns_by_thread) {
      const auto earlier = before.cpu_ns_by_thread.find(name);
      const int64_t used = ns - (earlier == before.cpu_ns_by_thread.end() ? 0 : earlier->second);
      threads += fmt::format(R"({}"{}": {:.3f})", threads.empty() ? "" : ", ", name,
                             static_cast<double>(used) / 1e6);
    }
    return "{" + threads + "}";
  }

  const LoadOptions options_;
  const int epoll_;
  sockaddr_in address_{};
  std::unique_ptr<ClientTls> tls_;  // null: the connections are plain
  std::vector<std::unique_ptr<Viewer>> viewers_;
  std::vector<std::unique_ptr<Viewer>> closed_;
  std::array<uint8_t, ClientSocket::kReceiveSize> buffer_{};
  std::ofstream capture_;
  std::vector<Stream> streams_;
  size_t added_ = 0;
  Totals totals_;
  int64_t rss_of_one_kib_ = 0;       // the servers', with one viewer
  int64_t own_cpu_ns_ = 0;           // the generator's, while it measures
  std::vector<double> join_ms_;      // of joiners, to a live picture
  std::vector<double> recovery_ms_;  // of recovering ones
  int joined_ = 0;
  Time resume_{};
  bool has_resumed_ = false;
  int with_picture_ = 0;
  bool measuring_ = false;
  Time next_join_{};
  Time next_vanish_{};
  Time next_trickle_{};
  Time next_ping_{};
  size_t pinged_ = 0;
};

void AddOptions(CLI::App& app, LoadOptions& options) {
  app.add_option("--host", options.host, "IPv4 address of the server")->capture_default_str();
  app.add_option("--port", options.ports, "Its port, or a server's each")->capture_default_str();
  app.add_option("--path", options.paths, "WebSocket path, or a stream's each")
      ->capture_default_str();
  app.add_option("--viewers", options.viewers, "Healthy viewers")->capture_default_str();
  app.add_option("--seconds", options.seconds, "How long to measure")->capture_default_str();
  app.add_option("--connect-rate", options.connect_rate, "Healthy viewers a second, at first")
      ->capture_default_str();
  app.add_option("--join-rate", options.join_rate, "Further viewers a second while measuring");
  app.add_option("--joins", options.joins, "No more of them than this");
  app.add_option("--join-path", options.join_path, "Their WebSocket path")->capture_default_str();
  app.add_flag("--joiners-leave", options.joiners_leave, "Once they have a live picture");
  app.add_option("--framerate", options.framerate, "The server's")->capture_default_str();
  app.add_option("--recovering", options.recovering, "Viewers that read nothing for a while");
  app.add_option("--pause", options.pause, "So many seconds of it")->capture_default_str();
  app.add_option("--stalled", options.stalled, "Viewers that read nothing");
  app.add_option("--trickling", options.trickling, "Viewers that read one byte a second");
  app.add_option("--vanish-rate", options.vanish_rate, "A second: connect and are gone");
  app.add_flag("--headers", options.headers, "Healthy viewers ask for pistream.v1, on --path");
  app.add_option("--ping-period", options.ping_period, "Healthy viewers ping each so many seconds");
  app.add_flag("--tls", options.tls, "The server's certificate is not checked");
  app.add_option("--ciphersuite", options.ciphersuite, "The one that is offered")
      ->check(CLI::IsMember({"TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256"}))
      ->capture_default_str();
  app.add_option("--cookie", options.cookie, "Of a session, sent with each request: name=value");
  app.add_option("--server-pid", options.server_pids, "Processes whose CPU and memory is reported");
  app.add_option("--capture", options.capture, "Write one viewer's bytes, for the floor");
}

void RaiseFileLimit() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace
}  // namespace pistream::bench

int main(int argc, char** argv) {
  pistream::bench::LoadOptions options;
  CLI::App app("A load of viewers on a pistream server", "load");
  pistream::bench::AddOptions(app, options);
  CLI11_PARSE(app, argc, argv);
  pistream::bench::RaiseFileLimit();
  return pistream::bench::Load(options).Run();
}
