// How sockets are set up, and how they are written to.
//
// What a viewer that reads nothing costs at most is the sum of these: its kernel buffers
// (kSendBuffer and kReceiveBuffer, which Linux doubles for its own bookkeeping: 288 KiB; mostly 18
// KiB in practice, for kUnsentBytes ends it, and 55 the most seen), and in the program a
// ViewerSession of 8.5 KiB and the picture in flight; queued pictures are shared by all viewers.
#pragma once

#include <sys/uio.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>

namespace pistream {

using Socket =
    boost::asio::basic_stream_socket<boost::asio::ip::tcp, boost::asio::io_context::executor_type>;

// Bytes the kernel keeps for one viewer, sent and not yet acknowledged. A whole I picture of a
// usual stream (33 KB at 800 kbit/s) goes in with one call; at 20 Mbit/s it still covers a round
// trip of 50 ms.
inline constexpr int kSendBuffer = 128 << 10;
// Bytes in there that are not even on the wire. With more than that a socket counts as full: what
// waits in the kernel cannot be replaced by something newer, what waits in ViewerQueue can.
inline constexpr int kUnsentBytes = 16 << 10;
// A viewer sends a few short messages a second.
inline constexpr int kReceiveBuffer = 16 << 10;
// How long a peer may take: to send a whole request, to take any byte of a response, to close after
// the last one. And how long a response may take to be made.
inline constexpr std::chrono::seconds kRequestTimeout(10);
inline constexpr std::chrono::seconds kResponseTimeout(30);
inline constexpr std::chrono::seconds kCloseTimeout(2);
inline constexpr std::chrono::seconds kDeferredTimeout(30);

// For a socket that is about to carry video. An option that the kernel does not support is ignored.
void SetViewerOptions(int fd);

// The next close() drops what is unsent and frees the kernel's memory at once.
void SetAbortOnClose(int fd);

// For SendPartsNow. Points to `bytes`.
iovec Part(std::span<const uint8_t> bytes);

// One send: never blocks, never raises SIGPIPE. Bytes taken, or -1 with errno.
ssize_t SendNow(int fd, std::span<const uint8_t> bytes);

// One sendmsg, likewise.
ssize_t SendPartsNow(int fd, std::span<iovec> parts);

// One recv, likewise.
ssize_t ReceiveNow(int fd, std::span<uint8_t> buffer);

}  // namespace pistream
