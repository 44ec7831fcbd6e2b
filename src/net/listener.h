// Accepts connections on one port, and continues after errors of a connection.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "src/base/rate_limit.h"
#include "src/base/result.h"
#include "src/base/sequence_checker.h"
#include "src/metrics/metrics.h"
#include "src/net/socket_options.h"
#include "src/net/transport.h"

namespace pistream {

// Connections that could not be accepted.
prometheus::Counter& AcceptErrorsCounter(Metrics& registry);

// Used only on the thread of `io` once that is running.
class Listener {
 public:
  // The io_context of the next connection, and its handler, which is called on the listener's
  // thread.
  struct Destination {
    boost::asio::io_context* io = nullptr;
    std::function<void(std::unique_ptr<Transport>)> deliver;
  };

  // Called on the listener's thread.
  using MakeTransport = std::function<std::unique_ptr<Transport>(Socket)>;

  Listener(boost::asio::io_context& io, MakeTransport make_transport,
           prometheus::Counter& accept_errors, Clock& clock);

  // Listens without accepting yet. "::" includes IPv4; without IPv6 in the kernel it is 0.0.0.0.
  // `option` is the option that sets the port ("--port"), for errors.
  Result<void> Bind(const boost::asio::ip::address& address, uint16_t port,
                    const std::string& option);

  // Starts accepting; calls `next` for each connection. To be called once.
  void Start(std::function<Destination()> next);

  // Stops accepting connections.
  void Close();

  uint16_t port() const { return port_; }

 private:
  boost::system::error_code Open(const boost::asio::ip::tcp::endpoint& endpoint);
  void Accept();
  void OnAcceptError(const boost::system::error_code& error);

  SequenceChecker thread_;  // from the first connection on
  const MakeTransport make_transport_;
  prometheus::Counter& accept_errors_;
  RateLimit error_lines_;
  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::steady_timer pause_;
  std::function<Destination()> next_;
  uint16_t port_ = 0;
};

}  // namespace pistream
