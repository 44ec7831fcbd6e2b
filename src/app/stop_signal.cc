#include "src/app/stop_signal.h"

#include <pthread.h>

namespace pistream {
namespace {

int NextOf(const sigset_t& signals) {
  int signal = 0;
  while (sigwait(&signals, &signal) != 0) {
  }
  return signal;
}

}  // namespace

StopSignal::StopSignal() {
  sigemptyset(&signals_);
  sigaddset(&signals_, SIGINT);
  sigaddset(&signals_, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals_, &before_);
  thread_ = std::thread([this] { Receive(); });
}

StopSignal::~StopSignal() {
  is_over_ = true;
  pthread_kill(thread_.native_handle(), SIGINT);  // to wake it
  thread_.join();
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

int StopSignal::Await() { return first_.get_future().get(); }

void StopSignal::Receive() {
  const int first = NextOf(signals_);
  if (is_over_) {
    return;
  }
  first_.set_value(first);
  const int second = NextOf(signals_);
  if (!is_over_) {
    // By the signal's own default: whoever waits for the program sees what ended it.
    pthread_sigmask(SIG_UNBLOCK, &signals_, nullptr);
    raise(second);
  }
}

}  // namespace pistream
