// The least that a server of the stream can do, to hold pistream against: one thread that sleeps to
// an absolute deadline, then one send() of a ready-made frame to each viewer. It accepts all
// viewers first, says 101 without looking, and drops whoever does not take a whole frame. With
// --certificate each frame is one SSL_write() instead.
//
//   bazel run -c opt //tests/bench:load -- --viewers 1 --capture /tmp/stream   (from a real server)
//   bazel run -c opt //tests/bench:floor -- --capture /tmp/stream --viewers 1000
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "openssl/err.h"
#include "openssl/ssl.h"

namespace pistream::bench {
namespace {

using Bytes = std::vector<char>;

struct FloorOptions {
  std::string capture;
  int viewers = 100;
  int groups = 1;
  double framerate = 24;
  double seconds = 3600;
  std::string certificate;  // PEM, and its key; empty: no TLS
};

struct Viewer {
  int fd = -1;
  SSL* ssl = nullptr;
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

SSL_CTX* MakeTls(const std::string& certificate) {
  SSL_CTX* const context = SSL_CTX_new(TLS_server_method());
  SSL_CTX_set_options(context, SSL_OP_PRIORITIZE_CHACHA | SSL_OP_CIPHER_SERVER_PREFERENCE);
  // One buffer for all, which stays in the cache, costs less than one of each viewer's.
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  if (SSL_CTX_use_certificate_chain_file(context, certificate.c_str()) != 1 ||
      SSL_CTX_use_PrivateKey_file(context, certificate.c_str(), SSL_FILETYPE_PEM) != 1) {
    ERR_print_errors_fp(stderr);
    std::exit(2);
  }
  std::signal(SIGPIPE, SIG_IGN);  // OpenSSL's BIO for sockets calls write()
  return context;
}

// Several records, each a write(), go out together: TCP does its work once.
bool SendSealed(const Viewer& viewer, std::span<const char> bytes) {
  const bool is_cut = bytes.size() > SSL3_RT_MAX_PLAIN_LENGTH;
  const int on = 1;
  const int off = 0;
  if (is_cut) {
    setsockopt(viewer.fd, IPPROTO_TCP, TCP_CORK, &on, sizeof on);
  }
  const auto size = static_cast<int>(bytes.size());
  const int written = SSL_write(viewer.ssl, bytes.data(), size);
  if (is_cut) {
    setsockopt(viewer.fd, IPPROTO_TCP, TCP_CORK, &off, sizeof off);
  }
  return written == size;
}

// Whether all was taken.
bool Send(const Viewer& viewer, std::span<const char> bytes) {
  if (viewer.ssl != nullptr) {
    return SendSealed(viewer, bytes);
  }
  return send(viewer.fd, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL) ==
         static_cast<ssize_t>(bytes.size());
}

void Receive(const Viewer& viewer, std::span<char> buffer) {
  if (viewer.ssl != nullptr) {
    SSL_read(viewer.ssl, buffer.data(), static_cast<int>(buffer.size()));
  } else {
    [[maybe_unused]] const ssize_t taken = recv(viewer.fd, buffer.data(), buffer.size(), 0);
  }
}

Viewer AcceptViewer(int listener, SSL_CTX* tls, const Bytes& header_frame) {
  Viewer viewer{.fd = accept(listener, nullptr, nullptr)};
  if (viewer.fd < 0) {
    Die("floor: accept");
  }
  const int on = 1;
  setsockopt(viewer.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (tls != nullptr) {
    viewer.ssl = SSL_new(tls);
    SSL_set_fd(viewer.ssl, viewer.fd);
    if (SSL_accept(viewer.ssl) != 1) {
      ERR_print_errors_fp(stderr);
      std::exit(1);
    }
  }
  std::array<char, 4096> request{};
  Receive(viewer, request);
  const std::string response =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
  Send(viewer, response);
  Send(viewer, header_frame);
  int without_blocking = 1;
  ioctl(viewer.fd, FIONBIO, &without_blocking);
  return viewer;
}

void SendToAll(std::vector<Viewer>& viewers, const Bytes& frame) {
  std::erase_if(viewers, [&](const Viewer& viewer) {
    const bool is_gone = !Send(viewer, frame);
    if (is_gone) {
      SSL_free(viewer.ssl);
      close(viewer.fd);
    }
    return is_gone;
  });
}

// Each group gets its own pictures, one group after the other within a frame time: the cameras of
// several streams are not in step either.
void Broadcast(std::vector<std::vector<Viewer>> groups, const std::vector<Bytes>& pictures,
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
  SSL_CTX* const tls = options.certificate.empty() ? nullptr : MakeTls(options.certificate);
  const int listener = Listen();
  // In turn, as the load generator spreads its viewers over streams.
  std::vector<std::vector<Viewer>> groups(static_cast<size_t>(options.groups));
  for (size_t i = 0; i < static_cast<size_t>(options.viewers); ++i) {
    groups[i % groups.size()].push_back(AcceptViewer(listener, tls, header));
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
  app.add_option("--certificate", options.certificate, "With TLS: PEM file, with the key in it");
  app.add_option("--framerate", options.framerate, "Pictures a second")->capture_default_str();
  app.add_option("--seconds", options.seconds, "How long");
  CLI11_PARSE(app, argc, argv);
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  return pistream::bench::Run(options);
}
