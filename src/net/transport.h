// The interface of a connected socket for HTTP and viewers: plain TCP or another transport.
//
// Sending and receiving never block. A connection waits for its socket with AwaitReadable and
// AwaitWritable and tries again.
#pragma once

#include <sys/types.h>
#include <sys/uio.h>

#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "src/net/line_account.h"

namespace pistream {

// Called when a wait ends.
class TransportHandler {
 public:
  virtual ~TransportHandler() = default;

  virtual void OnReadable() = 0;
  virtual void OnWritable() = 0;
};

// Used only on the thread of its io_context. The destructor closes the socket.
class Transport {
 public:
  Transport() = default;
  virtual ~Transport() = default;
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;

  // Returns the number of bytes sent, or -1 with errno: EAGAIN if the socket is full. Never raises
  // SIGPIPE.
  virtual ssize_t Send(std::span<const uint8_t> bytes) = 0;
  // The same for several pieces, in order.
  virtual ssize_t SendParts(std::span<iovec> parts) = 0;
  // Returns the number of bytes received, 0 at the end of the stream, or -1 with errno: EAGAIN if
  // there are none yet.
  virtual ssize_t Receive(std::span<uint8_t> buffer) = 0;

  // Each wait ends with one call of `handler`, which it keeps alive, from the io_context: once the
  // socket is readable (or writable), has failed, or the wait was cancelled; the next Send or
  // Receive shows which. At most one wait of each kind at a time.
  virtual void AwaitReadable(std::shared_ptr<TransportHandler> handler) = 0;
  virtual void AwaitWritable(std::shared_ptr<TransportHandler> handler) = 0;
  // Cancels the waits.
  virtual void Cancel() = 0;

  // Shuts down sending; receiving is still possible.
  virtual void ShutdownSend() = 0;
  // Lets Close() discard unsent data, so that the kernel's memory is freed immediately.
  virtual void AbortOnClose() = 0;
  // Cancels the waits. Afterwards sending and receiving fail with EBADF. Does nothing if already
  // closed.
  virtual void Close() = 0;

  // Sets the socket up for video (SetViewerOptions).
  virtual void PrepareForViewer() = 0;

  // Of the connection's line, as line_account.h and socket_options.h explain; a proxy on the way
  // hides the rest.
  virtual std::optional<LineAccount> GetLineAccount() = 0;
  virtual size_t GetUnacknowledgedBytes() = 0;
  virtual bool IsWritable() = 0;
  virtual void SetUnsentMark(int bytes) = 0;
  virtual std::string GetCongestionControl() = 0;

  // Moves the connection to `io` and its thread. Precondition: no wait is pending. False if the
  // socket cannot be registered with epoll there: the connection is then closed.
  virtual bool MoveTo(boost::asio::io_context& io) = 0;

  // Whether what is sent and received is encrypted. False before anything was received.
  virtual bool is_secure() const { return false; }

  // This side's address as it is written in a URL: "192.168.1.7", "[::1]".
  virtual std::string LocalHost() const = 0;

  // The other side's address without a zone: "192.168.1.8", "fe80::1". Empty if it has gone.
  virtual std::string PeerAddress() const = 0;
};

}  // namespace pistream
