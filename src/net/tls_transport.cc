#include "src/net/tls_transport.h"

#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <numeric>
#include <utility>

#include "openssl/err.h"
#include "openssl/ssl.h"
#include "src/net/socket_options.h"

namespace pistream {
namespace {

constexpr uint8_t kHandshakeRecord = 0x16;
constexpr size_t kLargestRecord = SSL3_RT_MAX_PLAIN_LENGTH;  // 16 KiB
// Header, type and tag of TLS 1.3. TLS 1.2 has up to 29.
constexpr size_t kLeastOverhead = 22;
// As BoringSSL. A handshake takes less than ten.
constexpr int kMaximumRecordsWithoutData = 32;

// What OpenSSL is given when it goes on with a record that it has sealed. It looks at the size
// only, and the message itself may be gone.
constexpr std::array<uint8_t, kLargestRecord> kForgotten{};

// Calls OnReadable once the socket is writable: receiving may have to send something first.
class ReadableWhenWritable final : public TransportHandler {
 public:
  explicit ReadableWhenWritable(std::shared_ptr<TransportHandler> handler)
      : handler_(std::move(handler)) {}

  void OnReadable() override {}
  void OnWritable() override { handler_->OnReadable(); }

 private:
  const std::shared_ptr<TransportHandler> handler_;
};

bool IsAlert(unsigned long error) {  // NOLINT(google-runtime-int): the library's type
  const int reason = ERR_GET_REASON(error);
  return ERR_GET_LIB(error) == ERR_LIB_SSL && reason >= SSL_AD_REASON_OFFSET &&
         reason < SSL_AD_REASON_OFFSET + 256;
}

size_t TotalSize(std::span<const iovec> parts) {
  return std::accumulate(parts.begin(), parts.end(), size_t{0},
                         [](size_t sum, const iovec& part) { return sum + part.iov_len; });
}

size_t RecordSize(const SSL* ssl) {
  // A client may want smaller records (RFC 6066): SSL_write would then cut.
  const uint8_t code = SSL_SESSION_get_max_fragment_length(SSL_get_session(ssl));
  return code == TLSEXT_max_fragment_length_DISABLED ? kLargestRecord : size_t{256} << code;
}

}  // namespace

// The wait of a TlsTransport that has something left to send. Knows whether that still exists, or
// has moved to another thread: the wait ends on the thread on which it began.
class TlsTransport::FlushWait final : public TransportHandler {
 public:
  explicit FlushWait(TlsTransport& owner) : owner_(&owner) {}

  void Forget() { owner_ = nullptr; }

  void OnReadable() override {}
  void OnWritable() override {
    if (owner_ != nullptr) {
      owner_->OnFlushable();
    }
  }

 private:
  TlsTransport* owner_;
};

// Cuts the parts of a message into records.
class TlsTransport::Records {
 public:
  Records(std::span<const iovec> parts, size_t largest) : parts_(parts), largest_(largest) {
    SkipEmpty();
  }

  // Empty if there are no more. Valid until the next call on this thread.
  std::span<const uint8_t> Next() {
    if (parts_.size() <= 1 || Rest().size() >= largest_) {
      return parts_.empty() ? std::span<const uint8_t>() : Take(largest_);
    }
    // A thread's, not a connection's: it is used within one call of Send.
    thread_local std::array<uint8_t, kLargestRecord> gathered;
    size_t size = 0;
    while (!parts_.empty() && size < largest_) {
      const std::span<const uint8_t> some = Take(largest_ - size);
      std::ranges::copy(some, gathered.begin() + static_cast<ptrdiff_t>(size));
      size += some.size();
    }
    return {gathered.data(), size};
  }

 private:
  std::span<const uint8_t> Rest() const {
    return std::span(static_cast<const uint8_t*>(parts_[0].iov_base), parts_[0].iov_len)
        .subspan(skip_);
  }

  std::span<const uint8_t> Take(size_t most) {
    const std::span<const uint8_t> rest = Rest();
    const std::span<const uint8_t> taken = rest.first(std::min(most, rest.size()));
    skip_ += taken.size();
    SkipEmpty();
    return taken;
  }

  void SkipEmpty() {
    while (!parts_.empty() && parts_[0].iov_len == skip_) {
      parts_ = parts_.subspan(1);
      skip_ = 0;
    }
  }

  std::span<const iovec> parts_;
  const size_t largest_;
  size_t skip_ = 0;  // of the first part
};

void TlsTransport::SslDeleter::operator()(SSL* ssl) const { SSL_free(ssl); }

TlsTransport::TlsTransport(Socket socket, std::shared_ptr<const TlsContext> context,
                           const TlsMetrics& metrics)
    : plain_(std::move(socket)), context_(std::move(context)), metrics_(metrics) {}

TlsTransport::~TlsTransport() { TlsTransport::Close(); }

// 1 if it is decided; otherwise what Receive returns.
ssize_t TlsTransport::DecideKind() {
  std::array<uint8_t, 1> first{};
  const ssize_t received = PeekNow(plain_.fd(), first);
  if (received <= 0) {
    return received;
  }
  if (first[0] == kHandshakeRecord) {
    if (!StartTls()) {
      errno = ENOMEM;
      return -1;
    }
    kind_ = Kind::kTls;
  } else {
    kind_ = Kind::kPlain;
  }
  context_.reset();
  return received;
}

bool TlsTransport::StartTls() {
  ERR_clear_error();
  ssl_.reset(SSL_new(context_->native()));
  // With OpenSSL's own BIO for sockets: the kernel's TLS needs it.
  if (!ssl_ || SSL_set_fd(ssl_.get(), plain_.fd()) != 1) {
    ssl_.reset();
    ERR_clear_error();
    return false;
  }
  SetNonBlocking(plain_.fd());
  SSL_set_accept_state(ssl_.get());
  CountRecords();
  return true;
}

// The calls of OpenSSL that read may read many records, also of those that they refuse. Once it is
// told that the client's side is closed, it reads no more.
void TlsTransport::CountRecords() {
  SSL_set_msg_callback_arg(ssl_.get(), &records_without_data_);
  SSL_set_msg_callback(ssl_.get(), [](int is_sent, int /*version*/, int type, const void* /*bytes*/,
                                      size_t /*size*/, SSL* ssl, void* records) {
    if (is_sent == 0 && type == SSL3_RT_HEADER &&
        ++*static_cast<int*>(records) > kMaximumRecordsWithoutData) {
      SSL_set_shutdown(ssl, SSL_RECEIVED_SHUTDOWN);
    }
  });
}

// Calls OpenSSL, and judges. Its errors are a queue of the thread's: it is empty before and after.
template <typename Call>
TlsTransport::Outcome TlsTransport::Perform(Call call) {
  ERR_clear_error();
  errno = 0;
  const int result = call(ssl_.get());
  const int error = errno;
  if (result > 0) {
    return Outcome::kDone;
  }
  const Outcome outcome = Judge(SSL_get_error(ssl_.get(), result), error);
  ERR_clear_error();
  return outcome;
}

TlsTransport::Outcome TlsTransport::Judge(int ssl_error, int error) {
  switch (ssl_error) {
    case SSL_ERROR_WANT_READ:
      return Outcome::kAwaitsReadable;
    case SSL_ERROR_WANT_WRITE:
      return Outcome::kAwaitsWritable;
    case SSL_ERROR_ZERO_RETURN:
      if (!is_handshake_over_) {
        Fail(ECONNRESET, true);
      }
      if (error == 0) {
        return Outcome::kEnd;
      }
      [[fallthrough]];  // what OpenSSL says of a failed write, if the client closed before
    case SSL_ERROR_SYSCALL:
      Fail(error != 0 ? error : ECONNRESET, true);
      return Outcome::kFailed;
    default: {
      const bool is_alert = IsAlert(ERR_peek_error());
      Fail(is_alert ? ECONNRESET : EPROTO, is_alert);
      return Outcome::kFailed;
    }
  }
}

void TlsTransport::Fail(int error, bool is_by_client) {
  if (!is_handshake_over_ && failure_ == 0) {
    (is_by_client ? metrics_.handshakes_failed_by_client : metrics_.handshakes_failed_by_server)
        .Increment();
  }
  failure_ = error;
  pending_ = 0;
}

void TlsTransport::OnHandshake() {
  is_handshake_over_ = true;
  record_size_ = RecordSize(ssl_.get());
  is_sealed_by_kernel_ = BIO_get_ktls_send(SSL_get_wbio(ssl_.get()));
  if (is_sealed_by_kernel_) {
    metrics_.sealed_by_kernel.Increment();
  }
  const auto version = SSL_version(ssl_.get()) == TLS1_2_VERSION ? TlsMetrics::Version::kTls12
                                                                 : TlsMetrics::Version::kTls13;
  metrics_.Handshakes(version, SSL_session_reused(ssl_.get()) == 1).Increment();
}

ssize_t TlsTransport::Receive(std::span<uint8_t> buffer) {
  if (kind_ == Kind::kUndecided) {
    if (const ssize_t decided = DecideKind(); decided <= 0) {
      return decided;
    }
  }
  if (!ssl_) {
    return plain_.Receive(buffer);
  }
  if (failure_ != 0) {
    errno = failure_;
    return -1;
  }
  size_t received = 0;
  const Outcome outcome =
      Perform([&](SSL* ssl) { return SSL_read_ex(ssl, buffer.data(), buffer.size(), &received); });
  if (outcome == Outcome::kDone) {
    records_without_data_ = 0;
  } else if (records_without_data_ > kMaximumRecordsWithoutData) {
    Fail(EPROTO, true);
    errno = EPROTO;
    return -1;
  }
  if (!is_handshake_over_ && SSL_is_init_finished(ssl_.get()) == 1) {
    OnHandshake();
  }
  if (is_sealed_by_kernel_ && SSL_get_key_update_type(ssl_.get()) != SSL_KEY_UPDATE_NONE) {
    EndForKeyUpdate();
  }
  receiving_awaits_writable_ = outcome == Outcome::kAwaitsWritable;
  switch (outcome) {
    case Outcome::kDone:
      return static_cast<ssize_t>(received);
    case Outcome::kEnd:
      return 0;
    case Outcome::kAwaitsReadable:
    case Outcome::kAwaitsWritable:
      errno = EAGAIN;
      return -1;
    case Outcome::kFailed:
      break;
  }
  errno = failure_;
  return -1;
}

// Only where the kernel has TLS. The client asks for new keys of ours, and neither the kernel nor
// OpenSSL 3 can change those that the kernel has: OpenSSL 3.0 would change its own, and the client
// find the next record bad. So the connection ends as if it were over. (OpenSSL 3.5, where the
// kernel has the client's keys too, finds a fault in it by itself.) No browser asks for new keys.
void TlsTransport::EndForKeyUpdate() {
  if (failure_ == 0) {
    ShutdownSend();
    Fail(EPROTO, true);
  }
}

void TlsTransport::AwaitReadable(std::shared_ptr<TransportHandler> handler) {
  AwaitFlush();
  if (ssl_ && (failure_ != 0 || SSL_pending(ssl_.get()) > 0)) {
    // What is there to be received is no longer in the socket.
    boost::asio::post(plain_.executor(), [handler = std::move(handler)] { handler->OnReadable(); });
  } else if (ssl_ && receiving_awaits_writable_) {
    plain_.AwaitWritable(std::make_shared<ReadableWhenWritable>(std::move(handler)));
  } else {
    plain_.AwaitReadable(std::move(handler));
  }
}

void TlsTransport::AwaitWritable(std::shared_ptr<TransportHandler> handler) {
  AwaitFlush();
  plain_.AwaitWritable(std::move(handler));
}

ssize_t TlsTransport::Send(std::span<const uint8_t> bytes) {
  iovec part = Part(bytes);
  return SendParts({&part, 1});
}

ssize_t TlsTransport::SendParts(std::span<iovec> parts) {
  if (ssl_) {
    if (const int error = WhyNotSend(); error != 0) {
      errno = error;
      return -1;
    }
    // Where the kernel seals, OpenSSL has nothing of its own left to send: the handshake is over.
    return is_sealed_by_kernel_ ? plain_.SendParts(parts) : SendRecords(parts);
  }
  if (kind_ == Kind::kUndecided) {
    kind_ = Kind::kPlain;
    context_.reset();
  }
  return plain_.SendParts(parts);
}

ssize_t TlsTransport::SendRecords(std::span<const iovec> parts) {
  size_t sent = 0;
  Outcome outcome = Outcome::kDone;
  Records records(parts, record_size_);
  const bool is_cut = TotalSize(parts) > record_size_;
  if (is_cut) {
    SetCork(plain_.fd(), true);
  }
  while (outcome == Outcome::kDone) {
    const std::span<const uint8_t> record = records.Next();
    if (record.empty()) {
      break;
    }
    outcome = Seal(record);
    if (outcome == Outcome::kDone || pending_ > 0) {
      sent += record.size();
    }
  }
  if (is_cut) {
    SetCork(plain_.fd(), false);
  }
  if (sent == 0 && outcome != Outcome::kDone) {
    errno = outcome == Outcome::kAwaitsWritable ? EAGAIN : failure_;
    return -1;
  }
  return static_cast<ssize_t>(sent);
}

// An errno; 0 if a record can be sealed.
int TlsTransport::WhyNotSend() {
  if (failure_ == 0 && shutdown_ != Shutdown::kNone) {
    return EPIPE;
  }
  if (failure_ == 0 && !is_handshake_over_) {
    return ENOTCONN;
  }
  if (was_full_) {
    was_full_ = !IsWritable();
  }
  return failure_ != 0 ? failure_ : was_full_ ? EAGAIN : 0;
}

// kDone, or `pending_` is set: the record is sealed.
TlsTransport::Outcome TlsTransport::Seal(std::span<const uint8_t> record) {
  written_before_ = BIO_number_written(SSL_get_wbio(ssl_.get()));
  size_t written = 0;
  const Outcome outcome =
      Perform([&](SSL* ssl) { return SSL_write_ex(ssl, record.data(), record.size(), &written); });
  if (outcome == Outcome::kAwaitsWritable) {
    was_full_ = true;
    // Before its first byte OpenSSL may have to send a message of the handshake (a KeyUpdate), and
    // has then sealed nothing of ours.
    if (SSL_in_init(ssl_.get()) == 0) {
      pending_ = record.size();
      AwaitFlush();
    }
  } else if (outcome != Outcome::kDone || written != record.size()) {
    Fail(failure_ != 0 ? failure_ : EPROTO, false);  // if it was cut, record_size_ is wrong
    return Outcome::kFailed;
  }
  return outcome;
}

// True if no record waits any longer, or it never will go.
bool TlsTransport::Flush() {
  if (pending_ == 0) {
    return true;
  }
  size_t written = 0;
  const Outcome outcome =
      Perform([&](SSL* ssl) { return SSL_write_ex(ssl, kForgotten.data(), pending_, &written); });
  if (outcome == Outcome::kAwaitsWritable) {
    AwaitFlush();
    return false;
  }
  if (outcome != Outcome::kDone || written != pending_) {
    Fail(failure_ != 0 ? failure_ : EPROTO, false);
  }
  pending_ = 0;
  return true;
}

bool TlsTransport::IsWritable() { return Flush() && plain_.IsWritable(); }

// Those of the record that waits, which the kernel does not know of yet. Often they are its last
// few alone, for the kernel takes 16 KB at a time: without them the client can read nothing of it.
size_t TlsTransport::PendingBytes() {
  if (pending_ == 0) {
    return 0;
  }
  const uint64_t written = BIO_number_written(SSL_get_wbio(ssl_.get())) - written_before_;
  const size_t size = pending_ + kLeastOverhead;
  return written < size ? size - static_cast<size_t>(written) : 1;
}

std::optional<LineAccount> TlsTransport::GetLineAccount() {
  std::optional<LineAccount> account = plain_.GetLineAccount();
  if (account) {
    account->unacknowledged_bytes += PendingBytes();
  }
  return account;
}

size_t TlsTransport::GetUnacknowledgedBytes() {
  return plain_.GetUnacknowledgedBytes() + PendingBytes();
}

void TlsTransport::ShutdownSend() {
  if (!ssl_) {
    plain_.ShutdownSend();
  } else if (shutdown_ == Shutdown::kNone) {
    shutdown_ = Shutdown::kWanted;
    FinishShutdown();
  }
}

// close_notify cannot overtake a record: with one that waits, OpenSSL would refuse to go on with
// that.
void TlsTransport::FinishShutdown() {
  if (!Flush()) {
    return;
  }
  if (is_handshake_over_ && failure_ == 0) {
    const Outcome outcome = Perform([](SSL* ssl) {
      const int result = SSL_shutdown(ssl);
      return result == 0 ? 1 : result;  // 0: it is sent, and the client's has not come
    });
    if (outcome == Outcome::kAwaitsWritable) {
      return AwaitFlush();
    }
  }
  shutdown_ = Shutdown::kDone;
  plain_.ShutdownSend();
}

void TlsTransport::AwaitFlush() {
  if (ssl_ && has_unfinished() && !flush_wait_) {
    flush_wait_ = std::make_shared<FlushWait>(*this);
    plain_.AwaitWritable(flush_wait_);
  }
}

void TlsTransport::ForgetFlushWait() {
  if (flush_wait_) {
    flush_wait_->Forget();
    flush_wait_.reset();
  }
}

// Also after Cancel, which cancels this wait too: it is then restarted.
void TlsTransport::OnFlushable() {
  flush_wait_.reset();
  if (shutdown_ == Shutdown::kWanted) {
    FinishShutdown();
  } else {
    Flush();
  }
}

void TlsTransport::AbortOnClose() {
  aborts_on_close_ = true;
  plain_.AbortOnClose();
}

void TlsTransport::Close() {
  if (ssl_) {
    if (!is_handshake_over_ && failure_ == 0) {
      Fail(ECONNRESET, true);
    }
    if (!aborts_on_close_ && shutdown_ == Shutdown::kNone) {
      ShutdownSend();
    }
    ForgetFlushWait();
    ssl_.reset();
    is_sealed_by_kernel_ = false;
  }
  pending_ = 0;
  shutdown_ = Shutdown::kNone;
  plain_.Close();
}

bool TlsTransport::MoveTo(boost::asio::io_context& io) {
  // The wait is restarted on the new thread.
  ForgetFlushWait();
  if (plain_.MoveTo(io)) {
    return true;
  }
  ssl_.reset();  // its socket is closed
  pending_ = 0;
  shutdown_ = Shutdown::kNone;
  return false;
}

}  // namespace pistream
