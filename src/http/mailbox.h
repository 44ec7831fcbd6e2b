// Control messages for one viewer that gets its stream over HTTP. They come as requests on other
// connections, perhaps on other network threads.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "src/base/mutex.h"

namespace pistream {

// The viewer's side: called on its thread.
class MailboxOwner {
 public:
  virtual ~MailboxOwner() = default;

  // There is something to take.
  virtual void OnMail() = 0;
};

// Thread-safe. The viewer itself never takes the lock while it is sent pictures.
class Mailbox {
 public:
  // More are a flood, for which the viewer is closed: what is beyond is dropped.
  static constexpr size_t kMaximumMessages = 128;

  // `name` identifies the viewer to its client, and is all that a client needs to speak for it.
  explicit Mailbox(std::string name) : name_(std::move(name)) {}

  const std::string& name() const { return name_; }

  // The viewer lives on the thread of `io` from now on: it is told of what waits and of what comes.
  void Open(boost::asio::io_context& io, std::weak_ptr<MailboxOwner> owner);
  // The viewer has ended. `io` may go.
  void Close();

  // False if the viewer has ended.
  bool Put(std::vector<std::string> messages);
  // All that wait, in the order in which they came.
  std::vector<std::string> Take();

 private:
  void TellOwner() PISTREAM_REQUIRES(mutex_);

  const std::string name_;
  Mutex mutex_;
  boost::asio::io_context* io_ PISTREAM_GUARDED_BY(mutex_) = nullptr;  // null: not open
  std::weak_ptr<MailboxOwner> owner_ PISTREAM_GUARDED_BY(mutex_);
  std::vector<std::string> messages_ PISTREAM_GUARDED_BY(mutex_);
  bool is_told_ PISTREAM_GUARDED_BY(mutex_) = false;  // and has not taken them yet
  bool is_closed_ PISTREAM_GUARDED_BY(mutex_) = false;
};

// Those of a server's viewers. Thread-safe.
class Mailboxes {
 public:
  // One with a name that nobody can guess. Forgotten with its last owner, which this outlives.
  std::shared_ptr<Mailbox> Make();
  // Null: nobody has this name.
  std::shared_ptr<Mailbox> Find(std::string_view name);

 private:
  void Forget(const std::string& name);

  Mutex mutex_;
  std::unordered_map<std::string, std::weak_ptr<Mailbox>> by_name_ PISTREAM_GUARDED_BY(mutex_);
};

}  // namespace pistream
