#include "src/base/sequence_checker.h"

#include <gtest/gtest.h>

#include <thread>

#include "src/base/thread_name.h"

namespace pistream {
namespace {

// Where checks cost nothing there are none.
#ifdef NDEBUG
constexpr bool kIsChecked = false;
#else
constexpr bool kIsChecked = true;
#endif

void CheckOn(const char* thread_name, const SequenceChecker& checker) {
  std::jthread([&] {
    SetThreadName(thread_name);
    checker.Check();
  });
}

TEST(SequenceCheckerTest, Check_OnOneThread_Passes) {
  const SequenceChecker checker;
  checker.Check();
  checker.Check();
}

TEST(SequenceCheckerTest, Check_FirstOnAnotherThreadThanItsMaker_BindsToThat) {
  const SequenceChecker checker;
  std::jthread([&] {
    checker.Check();
    checker.Check();
  });
}

TEST(SequenceCheckerTest, Detach_NextCheck_BindsToItsThread) {
  SequenceChecker checker;
  checker.Check();
  checker.Detach();
  CheckOn("next", checker);
}

TEST(SequenceCheckerDeathTest, Check_OnAnotherThread_NamesPlaceAndBothThreads) {
  const SequenceChecker checker;
  const auto misuse = [&] {
    CheckOn("camera", checker);
    CheckOn("network", checker);
  };
  if (kIsChecked) {
    EXPECT_DEATH(
        misuse(),
        "sequence_checker_test.cc:[0-9]+: .* was called on thread 'network', but its object "
        "belongs to thread 'camera'");
  } else {
    misuse();
  }
}

// The system reuses the identifier of a thread that has ended.
TEST(SequenceCheckerDeathTest, Check_AfterItsThreadHasEnded_IsNotPassedByTheNext) {
  const auto misuse = [] {
    const SequenceChecker checker;
    for (int i = 0; i < 2; ++i) {
      CheckOn("short", checker);
    }
  };
  if (kIsChecked) {
    EXPECT_DEATH(misuse(), "belongs to thread 'short'");
  } else {
    misuse();
  }
}

TEST(SequenceCheckerDeathTest, Check_AfterDetachAndRebinding_RejectsTheFirstThread) {
  const auto misuse = [] {
    SequenceChecker checker;
    checker.Check();
    checker.Detach();
    CheckOn("second", checker);
    checker.Check();
  };
  if (kIsChecked) {
    EXPECT_DEATH(misuse(), "belongs to thread 'second'");
  } else {
    misuse();
  }
}

}  // namespace
}  // namespace pistream
