// TLS and plain TCP on one port: the first byte that the client sends says which.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "src/net/line_account.h"
#include "src/net/plain_transport.h"
#include "src/net/tls_context.h"
#include "src/net/tls_metrics.h"
#include "src/net/transport.h"

struct ssl_st;  // OpenSSL's SSL

namespace pistream {

// A Transport whose kind is decided by the first Receive that finds a byte: a TLS handshake begins
// with 0x16, which no HTTP request does. From then on a plain connection is a PlainTransport. One
// on which this side sends before it has received anything is plain.
//
// TLS keeps the Transport's contract, with these differences:
// - The handshake takes place within Receive, which says EAGAIN meanwhile. Until it is over, Send
//   fails with ENOTCONN. A client that breaks it off ends the stream, or resets it; that is
//   counted, but nothing is logged: browsers do it before each connection while they do not know
//   the certificate.
// - If the socket has less room than a record needs, Send counts the record as sent, though a part
//   of it stays in OpenSSL. It goes out by itself, before all that is sent later. Until it is out,
//   and the socket has room again (IsWritable), Send takes nothing and says EAGAIN: a message of
//   which nothing was taken can still be dropped, a sealed record cannot.
// - SendParts seals its parts together: a picture of up to 16 KB is one record and one write. The
//   records of a larger one go out together.
// - The end of the client's connection is 0 with and without its close_notify. ShutdownSend and
//   Close send ours.
// - A client that sends more than 32 records without data for the server is at fault: a KeyUpdate
//   costs the server much more than the client.
// - A fault of TLS itself is EPROTO, an alert of the client ECONNRESET. After a fault, all calls
//   fail.
// - Bytes that are not acknowledged include those that wait in OpenSSL, and the kernel's count has
//   22 to 29 more for each record.
//
// Memory: no buffers of its own. OpenSSL's SSL takes 14 KB (3.0) or 28 KB (3.5), and for as long as
// a record waits 16 KB more.
class TlsTransport final : public Transport {
 public:
  // Sets TCP_NODELAY. `metrics` outlives it.
  TlsTransport(Socket socket, std::shared_ptr<const TlsContext> context, const TlsMetrics& metrics);
  ~TlsTransport() override;
  TlsTransport(const TlsTransport&) = delete;
  TlsTransport& operator=(const TlsTransport&) = delete;

  ssize_t Send(std::span<const uint8_t> bytes) override;
  ssize_t SendParts(std::span<iovec> parts) override;
  ssize_t Receive(std::span<uint8_t> buffer) override;
  void AwaitReadable(std::shared_ptr<TransportHandler> handler) override;
  void AwaitWritable(std::shared_ptr<TransportHandler> handler) override;
  void Cancel() override { plain_.Cancel(); }
  void ShutdownSend() override;
  void AbortOnClose() override;
  void Close() override;
  void PrepareForViewer() override { plain_.PrepareForViewer(); }
  std::optional<LineAccount> GetLineAccount() override;
  size_t GetUnacknowledgedBytes() override;
  bool IsWritable() override;
  void SetUnsentMark(int bytes) override { plain_.SetUnsentMark(bytes); }
  std::string GetCongestionControl() override { return plain_.GetCongestionControl(); }
  bool MoveTo(boost::asio::io_context& io) override;
  bool is_secure() const override { return kind_ == Kind::kTls; }
  std::string LocalHost() const override { return plain_.LocalHost(); }
  std::string PeerAddress() const override { return plain_.PeerAddress(); }

  // Whether the kernel seals what is sent, as it does where it has TLS, and OpenSSL has it too.
  bool is_sealed_by_kernel() const { return is_sealed_by_kernel_; }

 private:
  enum class Kind : uint8_t { kUndecided, kPlain, kTls };
  enum class Outcome : uint8_t { kDone, kAwaitsReadable, kAwaitsWritable, kEnd, kFailed };
  enum class Shutdown : uint8_t { kNone, kWanted, kDone };

  struct SslDeleter {
    void operator()(ssl_st* ssl) const;
  };
  class FlushWait;
  class Records;

  ssize_t DecideKind();
  bool StartTls();
  void CountRecords();
  template <typename Call>
  Outcome Perform(Call call);
  Outcome Judge(int ssl_error, int error);
  void Fail(int error, bool is_by_client);
  void OnHandshake();
  void EndForKeyUpdate();

  ssize_t SendRecords(std::span<const iovec> parts);
  int WhyNotSend();
  Outcome Seal(std::span<const uint8_t> record);
  bool Flush();
  size_t PendingBytes();
  void FinishShutdown();
  bool has_unfinished() const { return pending_ > 0 || shutdown_ == Shutdown::kWanted; }
  void AwaitFlush();
  void ForgetFlushWait();
  void OnFlushable();

  PlainTransport plain_;
  std::shared_ptr<const TlsContext> context_;  // until it is decided
  const TlsMetrics& metrics_;
  std::unique_ptr<ssl_st, SslDeleter> ssl_;  // while a TLS connection is open
  // Of the wait for the rest of a record; null while there is none. It outlives this.
  std::shared_ptr<FlushWait> flush_wait_;
  // Of `ssl_`'s bytes on the wire, those before the record that was sealed last.
  uint64_t written_before_ = 0;
  size_t record_size_ = 0;  // the largest, in bytes that were sent
  size_t pending_ = 0;  // bytes that were sent, in the record that waits in OpenSSL; 0: none does
  int records_without_data_ = 0;  // received since the last data
  int failure_ = 0;               // the errno of all calls after a fault
  Kind kind_ = Kind::kUndecided;
  Shutdown shutdown_ = Shutdown::kNone;
  bool is_handshake_over_ = false;
  bool is_sealed_by_kernel_ = false;
  bool receiving_awaits_writable_ = false;
  bool was_full_ = false;  // the socket, as far as is known: it is asked before the next record
  bool aborts_on_close_ = false;
};

}  // namespace pistream
