#include "src/net/socket_options.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>

namespace pistream {
namespace {

void SetOption(int fd, int level, int name, int value) {
  ::setsockopt(fd, level, name, &value, sizeof value);
}

}  // namespace

void SetViewerOptions(int fd) {
  SetOption(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, kUnsentBytes);
  SetOption(fd, SOL_SOCKET, SO_SNDBUF, kSendBuffer);
  SetOption(fd, SOL_SOCKET, SO_RCVBUF, kReceiveBuffer);
  SetOption(fd, SOL_SOCKET, SO_KEEPALIVE, 1);  // finds dead peers while no video flows
}

void SetAbortOnClose(int fd) {
  const linger abort{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &abort, sizeof abort);
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

ssize_t ReceiveNow(int fd, std::span<uint8_t> buffer) {
  ssize_t received = 0;
  do {
    received = ::recv(fd, buffer.data(), buffer.size(), MSG_DONTWAIT);
  } while (received < 0 && errno == EINTR);
  return received;
}

}  // namespace pistream
