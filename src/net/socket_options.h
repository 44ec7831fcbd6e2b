// Socket options, and non-blocking calls on sockets.
//
// The maximum memory of a viewer that does not read is the sum of its kernel buffers (kSendBuffer
// and kReceiveBuffer, doubled by Linux for its bookkeeping: 288 KiB; usually 18 KiB in practice
// because of kUnsentBytes, at most 55 KiB observed), a ViewerSession of 8.5 KiB and the picture in
// flight; queued pictures are shared by all viewers.
#pragma once

#include <sys/uio.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace pistream {

using Socket =
    boost::asio::basic_stream_socket<boost::asio::ip::tcp, boost::asio::io_context::executor_type>;

// The kernel's send buffer of a viewer, in bytes, including data not yet acknowledged. It holds an
// I picture of a typical stream (33 KB at 800 kbit/s), and covers a round trip of 50 ms at 20
// Mbit/s.
inline constexpr int kSendBuffer = 128 << 10;
// With more unsent bytes than this in the send buffer, a socket counts as full: data in the kernel
// cannot be replaced by newer pictures, data in ViewerQueue can.
inline constexpr int kUnsentBytes = 16 << 10;
// A viewer sends a few short messages a second.
inline constexpr int kReceiveBuffer = 16 << 10;
// Timeouts for a peer: to send a complete request, to accept any byte of a response, to close after
// the last one. And for the creation of a response.
inline constexpr std::chrono::seconds kRequestTimeout(10);
inline constexpr std::chrono::seconds kResponseTimeout(30);
inline constexpr std::chrono::seconds kCloseTimeout(2);
inline constexpr std::chrono::seconds kDeferredTimeout(30);

// Whether fewer bytes are unsent than the mark of SetUnsentMark allows. Asked before each picture
// of a viewer who is behind: send() itself takes up to 64 KB more than the mark.
bool IsWritable(int fd);
// The mark of TCP_NOTSENT_LOWAT, in bytes: a socket is writable while less than half of it is
// unsent.
void SetUnsentMark(int fd, int bytes);

// The name of the socket's congestion control: "bbr", "cubic". Empty if the kernel does not tell.
std::string GetCongestionControl(int fd);

// Sets the options for a socket that carries video. Options that the kernel does not support, or
// does not allow this process, are ignored.
//
// BBR as congestion control: it does not take each lost packet for congestion, and does not fill
// the buffers on the way. Retransmissions at least each second: after an outage the time-out
// doubles up to two minutes else (Linux 6.15 and later).
void SetViewerOptions(int fd);

// Lets the next close() discard unsent data, which frees the kernel's memory immediately.
void SetAbortOnClose(int fd);

// Holds back segments that are not full until it is called with false: what several writes give
// goes out as if it were one.
void SetCork(int fd, bool is_on);

// Lets calls that have no flag for it never block (SendNow and the like have one).
void SetNonBlocking(int fd);

// For SendPartsNow. Points to `bytes`.
iovec Part(std::span<const uint8_t> bytes);

// Calls send(): never blocks, never raises SIGPIPE. Returns the number of bytes sent, or -1 with
// errno.
ssize_t SendNow(int fd, std::span<const uint8_t> bytes);

// The same with sendmsg().
ssize_t SendPartsNow(int fd, std::span<iovec> parts);

// The same with recv().
ssize_t ReceiveNow(int fd, std::span<uint8_t> buffer);
// The same, and what is received stays there for the next call.
ssize_t PeekNow(int fd, std::span<uint8_t> buffer);

}  // namespace pistream
