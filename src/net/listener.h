// Accepts connections on one port, and goes on whatever happens to one of them.
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
#include "src/net/transport.h"

namespace pistream {

// Connections that could not be accepted.
prometheus::Counter& AcceptErrorsCounter(Metrics& registry);

// Belongs to the thread of `io`, on which all calls are made once that runs.
class Listener {
 public:
  // The io_context of the next connection, and what is given it, on the listener's thread.
  struct Destination {
    boost::asio::io_context* io = nullptr;
    std::function<void(std::unique_ptr<Transport>)> deliver;
  };

  Listener(boost::asio::io_context& io, prometheus::Counter& accept_errors, Clock& clock);

  // Listens, without accepting yet. "::" takes IPv4 as well; where the kernel has no IPv6, it is
  // 0.0.0.0. `option` is what the user changes the port with ("--port").
  Result<void> Bind(const boost::asio::ip::address& address, uint16_t port,
                    const std::string& option);

  // `next` is asked for each connection. Once.
  void Start(std::function<Destination()> next);

  // Accepts no more connections.
  void Close();

  uint16_t port() const { return port_; }

 private:
  boost::system::error_code Open(const boost::asio::ip::tcp::endpoint& endpoint);
  void Accept();
  void OnAcceptError(const boost::system::error_code& error);

  SequenceChecker thread_;  // from the first connection on
  prometheus::Counter& accept_errors_;
  RateLimit error_lines_;
  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::steady_timer pause_;
  std::function<Destination()> next_;
  uint16_t port_ = 0;
};

}  // namespace pistream
