#include "src/net/socket_options.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <string_view>

namespace pistream {
namespace {

void SetOption(int fd, int level, int name, int value) {
  ::setsockopt(fd, level, name, &value, sizeof value);
}

ssize_t ReceiveWith(int flags, int fd, std::span<uint8_t> buffer) {
  ssize_t received = 0;
  do {
    received = ::recv(fd, buffer.data(), buffer.size(), MSG_DONTWAIT | flags);
  } while (received < 0 && errno == EINTR);
  return received;
}

constexpr std::string_view kCongestionControl = "bbr";
// Linux 6.15: newer than our headers.
constexpr int kTcpRtoMaxMs = 44;
constexpr int kLongestRetransmissionTimeoutMs = 1000;

}  // namespace

bool IsWritable(int fd) {
  pollfd waiting{.fd = fd, .events = POLLOUT, .revents = 0};
  return ::poll(&waiting, 1, 0) != 0;  // an error counts: the next send() tells it
}

void SetUnsentMark(int fd, int bytes) { SetOption(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, bytes); }

std::string GetCongestionControl(int fd) {
  std::array<char, 16> name{};
  socklen_t size = name.size();
  if (::getsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name.data(), &size) != 0) {
    return {};
  }
  const std::string_view text(name.data(), size);
  return std::string(text.substr(0, text.find('\0')));
}

void SetViewerOptions(int fd) {
  ::setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, kCongestionControl.data(),
               kCongestionControl.size());
  SetOption(fd, IPPROTO_TCP, kTcpRtoMaxMs, kLongestRetransmissionTimeoutMs);
  SetUnsentMark(fd, kUnsentBytes);
  SetOption(fd, SOL_SOCKET, SO_SNDBUF, kSendBuffer);
  SetOption(fd, SOL_SOCKET, SO_RCVBUF, kReceiveBuffer);
  SetOption(fd, SOL_SOCKET, SO_KEEPALIVE, 1);  // finds dead peers while no video flows
}

void SetAbortOnClose(int fd) {
  const linger abort{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &abort, sizeof abort);
}

void SetCork(int fd, bool is_on) { SetOption(fd, IPPROTO_TCP, TCP_CORK, is_on ? 1 : 0); }

void SetNonBlocking(int fd) {
  int on = 1;
  ::ioctl(fd, FIONBIO, &on);
}

iovec Part(std::span<const uint8_t> bytes) {
  // sendmsg only reads, but shares its structure with recvmsg.
  auto* const start = const_cast<uint8_t*>(bytes.data());  // NOLINT(*-const-cast)
  return {.iov_base = start, .iov_len = bytes.size()};
}

ssize_t SendNow(int fd, std::span<const uint8_t> bytes) {
  ssize_t sent = 0;
  do {
    sent = ::send(fd, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  return sent;
}

ssize_t SendPartsNow(int fd, std::span<iovec> parts) {
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = parts.size();
  ssize_t sent = 0;
  do {
    sent = ::sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  return sent;
}

ssize_t ReceiveNow(int fd, std::span<uint8_t> buffer) { return ReceiveWith(0, fd, buffer); }

ssize_t PeekNow(int fd, std::span<uint8_t> buffer) { return ReceiveWith(MSG_PEEK, fd, buffer); }

}  // namespace pistream
