#include "src/http/mailbox.h"

#include <set>
#include <string>
#include <thread>
#include <vector>

#include "gtest/gtest.h"

namespace pistream {
namespace {

using Messages = std::vector<std::string>;

class Owner final : public MailboxOwner {
 public:
  explicit Owner(Mailbox& mailbox) : mailbox_(mailbox) {}

  void OnMail() override {
    ++calls;
    for (std::string& message : mailbox_.Take()) {
      taken.push_back(std::move(message));
    }
  }

  int calls = 0;
  Messages taken;

 private:
  Mailbox& mailbox_;
};

class MailboxTest : public testing::Test {
 protected:
  void Run() {
    io_.restart();
    io_.poll();
  }

  boost::asio::io_context io_;
  Mailboxes mailboxes_;
  std::shared_ptr<Mailbox> mailbox_ = mailboxes_.Make();
  std::shared_ptr<Owner> owner_ = std::make_shared<Owner>(*mailbox_);
};

TEST_F(MailboxTest, Messages_AreTakenInOrderByOneCall) {
  mailbox_->Open(io_, owner_);
  EXPECT_TRUE(mailbox_->Put({"a", "b"}));
  EXPECT_TRUE(mailbox_->Put({"c"}));
  EXPECT_EQ(owner_->calls, 0) << "not on the caller's thread";
  Run();
  EXPECT_EQ(owner_->calls, 1);
  EXPECT_EQ(owner_->taken, (Messages{"a", "b", "c"}));
  mailbox_->Put({"d"});
  Run();
  EXPECT_EQ(owner_->taken.back(), "d");
}

// A client may be quicker than its viewer's way to another thread.
TEST_F(MailboxTest, MessagesFromBeforeItOpens_Wait) {
  EXPECT_TRUE(mailbox_->Put({"early"}));
  mailbox_->Open(io_, owner_);
  Run();
  EXPECT_EQ(owner_->taken, (Messages{"early"}));
}

TEST_F(MailboxTest, Closed_TakesNothing) {
  mailbox_->Open(io_, owner_);
  mailbox_->Put({"under way"});
  mailbox_->Close();
  EXPECT_FALSE(mailbox_->Put({"late"}));
  Run();
  EXPECT_EQ(owner_->taken, Messages());
  mailbox_->Open(io_, owner_);
  EXPECT_FALSE(mailbox_->Put({"late"}));
}

TEST_F(MailboxTest, OwnerHasGone_IsNotCalled) {
  mailbox_->Open(io_, owner_);
  mailbox_->Put({"a"});
  owner_.reset();
  Run();
}

TEST_F(MailboxTest, Flood_IsCutOff) {
  mailbox_->Open(io_, owner_);
  for (size_t i = 0; i < Mailbox::kMaximumMessages; ++i) {
    mailbox_->Put({"a", "b"});
  }
  Run();
  EXPECT_EQ(owner_->taken.size(), Mailbox::kMaximumMessages);
  mailbox_->Put({"c"});
  Run();
  EXPECT_EQ(owner_->taken.back(), "c");
}

TEST_F(MailboxTest, Names_AreLongAndDiffer) {
  std::vector<std::shared_ptr<Mailbox>> all;
  std::set<std::string> names;
  for (int i = 0; i < 100; ++i) {
    all.push_back(mailboxes_.Make());
    EXPECT_EQ(all.back()->name().size(), 32U);
    EXPECT_EQ(all.back()->name().find_first_not_of("0123456789abcdef"), std::string::npos);
    names.insert(all.back()->name());
    EXPECT_EQ(mailboxes_.Find(all.back()->name()), all.back());
  }
  EXPECT_EQ(names.size(), all.size());
}

TEST_F(MailboxTest, LastOwnerHasGone_IsForgotten) {
  const std::string name = mailbox_->name();
  mailbox_.reset();
  EXPECT_EQ(mailboxes_.Find(name), nullptr);
}

TEST_F(MailboxTest, ManyThreads_EachMessageArrivesOnce) {
  constexpr int kEach = 1000;
  mailbox_->Open(io_, owner_);
  auto work = boost::asio::make_work_guard(io_);
  std::thread viewer([this] { io_.run(); });
  std::vector<std::thread> clients;
  for (int client = 0; client < 3; ++client) {
    clients.emplace_back([this] {
      const auto mine = mailboxes_.Find(mailbox_->name());
      for (int i = 0; i < kEach; ++i) {
        mine->Put({"x"});
        mailboxes_.Make();
        std::this_thread::yield();
      }
    });
  }
  for (std::thread& client : clients) {
    client.join();
  }
  work.reset();
  viewer.join();
  EXPECT_GT(owner_->taken.size(), 0U);
  EXPECT_LE(owner_->taken.size(), 3U * kEach);
  EXPECT_EQ(mailbox_->Take(), Messages());
}

}  // namespace
}  // namespace pistream
