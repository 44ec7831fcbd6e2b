#include "src/http/mailbox.h"

#include <sys/random.h>

#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>
#include <cstdint>
#include <cstdlib>
#include <iterator>

#include "fmt/format.h"
#include "fmt/ranges.h"

namespace pistream {

namespace asio = boost::asio;

namespace {

std::string RandomName() {
  std::array<uint8_t, 16> bytes{};
  // So few at once are never cut short by a signal.
  if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
    std::abort();  // a kernel without random numbers
  }
  return fmt::format("{:02x}", fmt::join(bytes, ""));
}

}  // namespace

void Mailbox::Open(asio::io_context& io, std::weak_ptr<MailboxOwner> owner) {
  const MutexLock lock(mutex_);
  if (is_closed_) {
    return;
  }
  io_ = &io;
  owner_ = std::move(owner);
  if (!messages_.empty()) {
    TellOwner();
  }
}

void Mailbox::Close() {
  const MutexLock lock(mutex_);
  io_ = nullptr;
  is_closed_ = true;
  messages_.clear();
}

bool Mailbox::Put(std::vector<std::string> messages) {
  const MutexLock lock(mutex_);
  if (is_closed_) {
    return false;
  }
  const size_t room = kMaximumMessages - messages_.size();
  messages.resize(std::min(messages.size(), room));
  std::ranges::move(messages, std::back_inserter(messages_));
  if (io_ != nullptr && !is_told_) {
    TellOwner();
  }
  return true;
}

std::vector<std::string> Mailbox::Take() {
  const MutexLock lock(mutex_);
  is_told_ = false;
  return std::exchange(messages_, {});
}

void Mailbox::TellOwner() {
  is_told_ = true;
  asio::post(*io_, [owner = owner_] {
    if (const auto alive = owner.lock()) {
      alive->OnMail();
    }
  });
}

std::shared_ptr<Mailbox> Mailboxes::Make() {
  const std::shared_ptr<Mailbox> mailbox(new Mailbox(RandomName()), [this](const Mailbox* gone) {
    Forget(gone->name());
    delete gone;
  });
  const MutexLock lock(mutex_);
  by_name_[mailbox->name()] = mailbox;
  return mailbox;
}

std::shared_ptr<Mailbox> Mailboxes::Find(std::string_view name) {
  const MutexLock lock(mutex_);
  const auto entry = by_name_.find(std::string(name));
  return entry != by_name_.end() ? entry->second.lock() : nullptr;
}

void Mailboxes::Forget(const std::string& name) {
  const MutexLock lock(mutex_);
  by_name_.erase(name);
}

}  // namespace pistream
