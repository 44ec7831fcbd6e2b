#include "src/app/signals.h"

#include <pthread.h>

namespace pistream {
namespace {

int NextOf(const sigset_t& signals) {
  int signal = 0;
  while (sigwait(&signals, &signal) != 0) {
  }
  return signal;
}

// By the signal's own default, so that the parent process sees what ended this one.
void EndProcessBy(int signal) {
  // A shell starts background jobs of a script with SIGINT ignored.
  std::signal(signal, SIG_DFL);
  sigset_t only{};
  sigemptyset(&only);
  sigaddset(&only, signal);
  pthread_sigmask(SIG_UNBLOCK, &only, nullptr);
  raise(signal);
}

}  // namespace

Signals::Signals(Hangup hangup) {
  sigemptyset(&signals_);
  sigaddset(&signals_, SIGINT);
  sigaddset(&signals_, SIGTERM);
  if (hangup == Hangup::kReloads) {
    sigaddset(&signals_, SIGHUP);
  }
  pthread_sigmask(SIG_BLOCK, &signals_, &before_);
  thread_ = std::thread([this] { Receive(); });
}

Signals::~Signals() {
  is_over_ = true;
  pthread_kill(thread_.native_handle(), SIGINT);  // to wake it
  thread_.join();
  // One that came too late to be an event must not end the process now.
  sigset_t hangup{};
  sigemptyset(&hangup);
  sigaddset(&hangup, SIGHUP);
  const timespec at_once{};
  if (sigismember(&signals_, SIGHUP) == 1) {
    sigtimedwait(&hangup, nullptr, &at_once);
  }
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

Signals::Event Signals::Await() {
  const MutexLock lock(mutex_);
  changed_.Wait(mutex_, [this]() PISTREAM_REQUIRES(mutex_) { return stop_ || must_reload_; });
  if (stop_) {
    return {Event::Kind::kStop, *stop_};
  }
  must_reload_ = false;
  return {Event::Kind::kReload, SIGHUP};
}

void Signals::Receive() {
  while (true) {
    const int signal = NextOf(signals_);
    if (is_over_) {
      return;
    }
    OnSignal(signal);
  }
}

void Signals::OnSignal(int signal) {
  const MutexLock lock(mutex_);
  if (signal == SIGHUP) {
    must_reload_ = true;
  } else if (!stop_) {
    stop_ = signal;
  } else {
    EndProcessBy(signal);
  }
  changed_.NotifyOne();
}

}  // namespace pistream
