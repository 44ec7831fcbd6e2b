#include "src/base/thread_name.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>

namespace pistream {
namespace {

std::string NameInANewThread(const std::string& name) {
  std::string kept;
  std::thread([&] {
    SetThreadName(name);
    kept = ThreadName();
  }).join();
  return kept;
}

TEST(ThreadNameTest, Set_ShortName_IsKept) { EXPECT_EQ(NameInANewThread("encoder"), "encoder"); }

TEST(ThreadNameTest, Set_LongName_KeepsFifteenBytes) {
  EXPECT_EQ(NameInANewThread("0123456789abcdef"), "0123456789abcde");
}

TEST(ThreadNameTest, Set_InOneThread_LeavesTheOthersAlone) {
  const std::string before = ThreadName();
  NameInANewThread("other");
  EXPECT_EQ(ThreadName(), before);
}

}  // namespace
}  // namespace pistream
