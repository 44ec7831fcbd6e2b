// A connected socket, as HTTP and viewers use it: whatever carries the bytes, plain TCP or another
// kind.
//
// Sending and receiving never block. A connection waits for its socket with AwaitReadable and
// AwaitWritable and tries again.
#pragma once

#include <sys/types.h>
#include <sys/uio.h>

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace pistream {

// What is called when a wait ends.
class TransportHandler {
 public:
  virtual ~TransportHandler() = default;

  virtual void OnReadable() = 0;
  virtual void OnWritable() = 0;
};

// Belongs to the thread of its io_context, which makes all calls. The destructor closes.
class Transport {
 public:
  Transport() = default;
  virtual ~Transport() = default;
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;

  // Bytes taken, or -1 with errno: EAGAIN if the socket takes none now. Never raises SIGPIPE.
  virtual ssize_t Send(std::span<const uint8_t> bytes) = 0;
  // The same for several pieces, in order.
  virtual ssize_t SendParts(std::span<iovec> parts) = 0;
  // Bytes received, 0 once the peer sends no more, or -1 with errno: EAGAIN if there are none now.
  virtual ssize_t Receive(std::span<uint8_t> buffer) = 0;

  // Each wait ends with one call of `handler`, which it keeps alive, from the io_context: once the
  // socket is readable (or writable), has failed, or the wait was cancelled. Only the next Send or
  // Receive says which. At most one wait of each kind at a time.
  virtual void AwaitReadable(std::shared_ptr<TransportHandler> handler) = 0;
  virtual void AwaitWritable(std::shared_ptr<TransportHandler> handler) = 0;
  // Ends the waits.
  virtual void Cancel() = 0;

  // Tells the peer that no more will come. Receiving goes on.
  virtual void ShutdownSend() = 0;
  // Close() is to drop what is unsent, so that the kernel's memory is free at once.
  virtual void AbortOnClose() = 0;
  // Ends the waits. Afterwards sending and receiving fail with EBADF. Harmless when closed.
  virtual void Close() = 0;

  // Sets the socket up for video (SetViewerOptions).
  virtual void PrepareForViewer() = 0;

  // From now on the connection belongs to `io` and its thread. No wait may be under way. False if
  // the system cannot watch one more socket there: the connection is closed then.
  virtual bool MoveTo(boost::asio::io_context& io) = 0;

  // This side's address as it is written in a URL: "192.168.1.7", "[::1]".
  virtual std::string LocalHost() const = 0;
};

}  // namespace pistream
