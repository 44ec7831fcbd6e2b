// A transport whose n-th operation fails, for tests that let each operation of a connection fail in
// turn.
#pragma once

#include <sys/types.h>

#include <boost/asio/post.hpp>
#include <cerrno>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "src/net/transport.h"

namespace pistream {

// The fault of an operation. All counts begin with 1.
struct TransportFault {
  enum class Kind {
    kError,     // the operation `number` and all after it fail with `error`
    kStuck,     // likewise with EAGAIN, and waits never end but by Cancel and Close
    kOneByte,   // the operation `number` and all after it take one byte at most
    kEndOfFile  // the operation `number` and all after it: nothing received, EPIPE if sent
  };
  Kind kind = Kind::kError;
  size_t number = 0;  // 0: never
  int error = ECONNRESET;
};

// The record of a FaultyTransport's operations. Outlives it.
struct TransportLog {
  size_t operations = 0;  // Send, SendParts and Receive
  bool has_failed = false;
  bool is_closed = false;
  bool is_destroyed = false;
};

class FaultyTransport final : public Transport {
 public:
  FaultyTransport(boost::asio::io_context& io, std::unique_ptr<Transport> inner,
                  const TransportFault& fault, TransportLog& log)
      : io_(&io), inner_(std::move(inner)), fault_(fault), log_(log) {}
  ~FaultyTransport() override { log_.is_destroyed = true; }

  ssize_t Send(std::span<const uint8_t> bytes) override {
    return Operate(EPIPE, bytes, [&](auto some) { return inner_->Send(some); });
  }
  ssize_t SendParts(std::span<iovec> parts) override {
    if (BeginOperation() == Outcome::kWhole) {
      return inner_->SendParts(parts);
    }
    for (const iovec& part : parts) {
      if (part.iov_len > 0) {
        return Finish(EPIPE, std::span(static_cast<const uint8_t*>(part.iov_base), part.iov_len),
                      [&](auto some) { return inner_->Send(some); });
      }
    }
    return 0;
  }
  ssize_t Receive(std::span<uint8_t> buffer) override {
    return Operate(0, buffer, [&](auto some) { return inner_->Receive(some); });
  }

  void AwaitReadable(std::shared_ptr<TransportHandler> handler) override {
    if (is_stuck()) {
      reading_ = std::move(handler);
    } else {
      inner_->AwaitReadable(std::move(handler));
    }
  }
  void AwaitWritable(std::shared_ptr<TransportHandler> handler) override {
    if (is_stuck()) {
      writing_ = std::move(handler);
    } else {
      inner_->AwaitWritable(std::move(handler));
    }
  }
  void Cancel() override {
    EndStuckWaits();
    inner_->Cancel();
  }
  void ShutdownSend() override { inner_->ShutdownSend(); }
  void AbortOnClose() override { inner_->AbortOnClose(); }
  void Close() override {
    log_.is_closed = true;
    EndStuckWaits();
    inner_->Close();
  }
  void PrepareForViewer() override { inner_->PrepareForViewer(); }
  std::optional<LineAccount> GetLineAccount() override { return inner_->GetLineAccount(); }
  size_t GetUnacknowledgedBytes() override { return inner_->GetUnacknowledgedBytes(); }
  bool IsWritable() override { return !is_stuck() && inner_->IsWritable(); }
  void SetUnsentMark(int bytes) override { inner_->SetUnsentMark(bytes); }
  std::string GetCongestionControl() override { return inner_->GetCongestionControl(); }
  bool MoveTo(boost::asio::io_context& io) override {
    io_ = &io;
    return inner_->MoveTo(io);
  }
  bool is_secure() const override { return inner_->is_secure(); }
  std::string LocalHost() const override { return inner_->LocalHost(); }
  std::string PeerAddress() const override { return inner_->PeerAddress(); }

 private:
  enum class Outcome { kWhole, kFaulty };

  bool is_stuck() const { return log_.has_failed && fault_.kind == TransportFault::Kind::kStuck; }

  Outcome BeginOperation() {
    ++log_.operations;
    if (fault_.number != 0 && log_.operations >= fault_.number) {
      log_.has_failed = true;
    }
    return log_.has_failed ? Outcome::kFaulty : Outcome::kWhole;
  }

  template <typename Bytes, typename Operation>
  ssize_t Operate(int error_at_end, Bytes bytes, Operation operation) {
    return BeginOperation() == Outcome::kWhole ? operation(bytes)
                                               : Finish(error_at_end, bytes, operation);
  }

  // The faulty operation. `error_at_end` is its errno where the peer is gone; 0: it returns 0.
  template <typename Bytes, typename Operation>
  ssize_t Finish(int error_at_end, Bytes bytes, Operation operation) {
    switch (fault_.kind) {
      case TransportFault::Kind::kOneByte:
        return operation(bytes.first(bytes.empty() ? 0 : 1));
      case TransportFault::Kind::kEndOfFile:
        if (error_at_end == 0) {
          return 0;
        }
        errno = error_at_end;
        return -1;
      case TransportFault::Kind::kStuck:
        errno = EAGAIN;
        return -1;
      case TransportFault::Kind::kError:
        break;
    }
    errno = fault_.error;
    return -1;
  }

  void EndStuckWaits() {
    if (reading_) {
      boost::asio::post(*io_,
                        [handler = std::exchange(reading_, nullptr)] { handler->OnReadable(); });
    }
    if (writing_) {
      boost::asio::post(*io_,
                        [handler = std::exchange(writing_, nullptr)] { handler->OnWritable(); });
    }
  }

  boost::asio::io_context* io_;
  const std::unique_ptr<Transport> inner_;
  const TransportFault fault_;
  TransportLog& log_;
  std::shared_ptr<TransportHandler> reading_;
  std::shared_ptr<TransportHandler> writing_;
};

}  // namespace pistream
