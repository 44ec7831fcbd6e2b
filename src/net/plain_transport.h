// Plain TCP; below TLS too (tls_transport.h).
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "src/net/line_account.h"
#include "src/net/socket_options.h"
#include "src/net/transport.h"

namespace pistream {

class PlainTransport final : public Transport {
 public:
  // Sets TCP_NODELAY.
  explicit PlainTransport(Socket socket);

  ssize_t Send(std::span<const uint8_t> bytes) override;
  ssize_t SendParts(std::span<iovec> parts) override;
  ssize_t Receive(std::span<uint8_t> buffer) override;
  void AwaitReadable(std::shared_ptr<TransportHandler> handler) override;
  void AwaitWritable(std::shared_ptr<TransportHandler> handler) override;
  void Cancel() override;
  void ShutdownSend() override;
  void AbortOnClose() override;
  void Close() override;
  void PrepareForViewer() override;
  std::optional<LineAccount> GetLineAccount() override { return pistream::GetLineAccount(fd()); }
  size_t GetUnacknowledgedBytes() override { return pistream::GetUnacknowledgedBytes(fd()); }
  bool IsWritable() override { return pistream::IsWritable(fd()); }
  void SetUnsentMark(int bytes) override { pistream::SetUnsentMark(fd(), bytes); }
  std::string GetCongestionControl() override { return pistream::GetCongestionControl(fd()); }
  bool MoveTo(boost::asio::io_context& io) override;
  std::string LocalHost() const override;
  std::string PeerAddress() const override;

  // For TLS, which reads and writes the socket itself. -1 once it is closed. The descriptor stays
  // the same through MoveTo.
  int fd() { return socket_.native_handle(); }  // not const in Asio: asking for it changes nothing
  Socket::executor_type executor() { return socket_.get_executor(); }

 private:
  Socket socket_;
};

}  // namespace pistream
