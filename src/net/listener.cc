#include "src/net/listener.h"

#include <boost/asio/error.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <utility>

#include "src/base/log.h"

namespace pistream {

namespace asio = boost::asio;

using asio::ip::tcp;
using boost::system::error_code;

namespace {

// With no descriptor left, the connection stays in the kernel's queue: trying again at once would
// only burn the processor.
constexpr std::chrono::milliseconds kPauseAfterError(100);

bool HasNoIpv6(const error_code& error) {
  return error == asio::error::address_family_not_supported ||
         error == error_code(EADDRNOTAVAIL, boost::system::system_category());
}

tl::unexpected<Error> BindFailure(const error_code& error, const asio::ip::address& address,
                                  uint16_t port, const std::string& option) {
  const std::string where = address.to_string();
  if (error == asio::error::address_in_use) {
    return Fail("port {} of {} is in use by another program: choose another with {}", port, where,
                option);
  }
  if (error == asio::error::access_denied) {
    return Fail("port {} of {} needs privileges: choose one from 1024 to 65535 with {}", port,
                where, option);
  }
  if (error == error_code(EADDRNOTAVAIL, boost::system::system_category())) {
    return Fail("{} is not an address of this machine: choose another with --address", where);
  }
  return Fail("cannot listen on port {} of {}: {}", port, where, error.message());
}

}  // namespace

prometheus::Counter& AcceptErrorsCounter(Metrics& registry) {
  return registry.Counter("pistream_accept_errors_total",
                          "Connections that could not be accepted.");
}

Listener::Listener(asio::io_context& io, MakeTransport make_transport,
                   prometheus::Counter& accept_errors, Clock& clock)
    : make_transport_(std::move(make_transport)),
      accept_errors_(accept_errors),
      error_lines_(clock),
      acceptor_(io),
      pause_(io) {}

Result<void> Listener::Bind(const asio::ip::address& address, uint16_t port,
                            const std::string& option) {
  error_code error = Open(tcp::endpoint(address, port));
  if (HasNoIpv6(error) && address.is_v6() && address.is_unspecified()) {
    error = Open(tcp::endpoint(asio::ip::address_v4::any(), port));
  }
  if (error) {
    return BindFailure(error, address, port, option);
  }
  port_ = acceptor_.local_endpoint(error).port();
  return {};
}

error_code Listener::Open(const tcp::endpoint& endpoint) {
  error_code error;
  acceptor_.close(error);
  acceptor_.open(endpoint.protocol(), error);
  if (!error) {
    acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
  }
  if (!error && endpoint.address().is_v6()) {
    acceptor_.set_option(asio::ip::v6_only(false), error);
  }
  if (!error) {
    acceptor_.bind(endpoint, error);
  }
  if (!error) {
    acceptor_.listen(tcp::acceptor::max_listen_connections, error);
  }
  return error;
}

void Listener::Start(std::function<Destination()> next) {
  next_ = std::move(next);
  Accept();
}

void Listener::Close() {
  thread_.Check();
  error_code ignored;
  acceptor_.close(ignored);
  pause_.cancel();
}

void Listener::Accept() {
  if (!acceptor_.is_open()) {
    return;
  }
  Destination destination = next_();
  asio::io_context& io = *destination.io;
  acceptor_.async_accept(
      io, [this, deliver = std::move(destination.deliver)](const error_code& error, Socket socket) {
        if (error) {
          return OnAcceptError(error);
        }
        deliver(make_transport_(std::move(socket)));
        Accept();
      });
}

void Listener::OnAcceptError(const error_code& error) {
  thread_.Check();
  if (error == asio::error::operation_aborted) {
    return;
  }
  accept_errors_.Increment();
  if (const auto events = error_lines_.Pass()) {
    log::Warning("{} connection(s) could not be accepted: {}", *events, error.message());
  }
  pause_.expires_after(kPauseAfterError);
  pause_.async_wait([this](const error_code&) { Accept(); });
}

}  // namespace pistream
