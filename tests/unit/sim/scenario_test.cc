#include "sim/scenario.h"

#include <array>
#include <filesystem>
#include <string>

#include "gtest/gtest.h"

namespace pistream::sim {
namespace {

TEST(Scenario, AllNames_AreAccepted) {
  const auto faults = ParseScenario(R"(
      [[fault]]
      kind = "late timestamps"
      at_frame = 48
      for_frames = 12
      late_by_ms = 12.5

      [[fault]]
      kind = "disappear"
      at_seconds = 2
      for_seconds = 0.5
      size = "320x240"
  )",
                                    "test.toml");
  ASSERT_TRUE(faults) << faults.error().message;
  ASSERT_EQ(faults->size(), 2U);
  const Fault& late = faults->front();
  EXPECT_EQ(late.kind, FaultKind::kLateTimestamps);
  EXPECT_EQ(late.at_frame, 48U);
  EXPECT_EQ(late.frames, 12U);
  EXPECT_EQ(late.late_by, std::chrono::microseconds(12'500));
  const Fault& gone = faults->back();
  EXPECT_EQ(gone.kind, FaultKind::kDisappear);
  EXPECT_EQ(gone.at_time, std::chrono::seconds(2));
  EXPECT_EQ(gone.duration, std::chrono::milliseconds(500));
  EXPECT_EQ(gone.size, (Size{320, 240}));
}

struct Wrong {
  const char* text;
  const char* error;  // the beginning of it
};

TEST(Scenario, InvalidFile_ErrorHasLineAndFault) {
  constexpr std::array kWrong = {
      Wrong{"", "test.toml: a scenario needs at least one [[fault]]"},
      Wrong{"[[fault]\n", "test.toml:1: "},
      Wrong{"\nfaults = 3\n", "test.toml:2: unknown name 'faults'"},
      Wrong{"fault = 3\n", "test.toml:1: each fault must begin with [[fault]]"},
      Wrong{"[fault]\nkind = 'stall'\n", "test.toml:1: each fault must begin with [[fault]]"},
      Wrong{"[[fault]]\nat_frame = 1\n", "test.toml:1: a fault needs a kind"},
      Wrong{"[[fault]]\nkind = 'explode'\nat_frame = 1\n", "test.toml:2: kind must be"},
      Wrong{"[[fault]]\nkind = 3\nat_frame = 1\n", "test.toml:2: kind must be"},
      Wrong{"[[fault]]\nkind = 'stall'\nat_frmae = 1\n", "test.toml:3: unknown name 'at_frmae'"},
      Wrong{"[[fault]]\nkind = 'stall'\n", "test.toml:1: a fault needs one of at_frame and"},
      Wrong{"[[fault]]\nkind = 'stall'\nat_frame = 1\nat_seconds = 1\n",
            "test.toml:1: a fault needs one of at_frame and"},
      Wrong{"[[fault]]\nkind = 'stall'\nat_frame = -1\n", "test.toml:3: at_frame must be"},
      Wrong{"[[fault]]\nkind = 'stall'\nat_frame = 1.5\n", "test.toml:3: at_frame must be"},
      Wrong{"[[fault]]\nkind = 'stall'\nat_frame = 1\nfor_frames = 0\n",
            "test.toml:4: for_frames must be"},
      Wrong{"[[fault]]\nkind = 'stall'\nat_seconds = '1'\n", "test.toml:3: at_seconds must be"},
      Wrong{"[[fault]]\nkind = 'stall'\nat_seconds = nan\n", "test.toml:3: at_seconds must be"},
      Wrong{"[[fault]]\nkind = 'stall'\nat_seconds = 1e30\n", "test.toml:3: at_seconds must be"},
      Wrong{"[[fault]]\nkind = 'stall'\nat_frame = 1\nfor_frames = 1\nfor_seconds = 1\n",
            "test.toml:1: a fault can have only one of for_frames and"},
      Wrong{"[[fault]]\nkind = 'disappear'\nat_frame = 1\nfor_frames = 1\n",
            "test.toml:1: kind = \"disappear\" needs for_seconds"},
      Wrong{"[[fault]]\nkind = 'stall'\nat_frame = 1\nsize = '320x240'\n",
            "test.toml:1: size can only be"},
      Wrong{"[[fault]]\nkind = 'disappear'\nat_frame = 1\nsize = '321x240'\n",
            "test.toml:4: size '321x240' is not"},
      Wrong{"[[fault]]\nkind = 'disappear'\nat_frame = 1\nsize = 3\n",
            "test.toml:4: size must be a string"},
      Wrong{"[[fault]]\nkind = 'late timestamps'\nat_frame = 1\n",
            "test.toml:1: late_by_ms must be"},
      Wrong{"[[fault]]\nkind = 'stall'\nat_frame = 1\nlate_by_ms = 1\n",
            "test.toml:1: late_by_ms must be"},
  };
  for (const Wrong& wrong : kWrong) {
    const auto faults = ParseScenario(wrong.text, "test.toml");
    ASSERT_FALSE(faults) << wrong.text;
    EXPECT_EQ(faults.error().message.substr(0, std::string(wrong.error).size()), wrong.error);
  }
}

TEST(Scenario, MissingFile_ErrorHasItsName) {
  for (const char* const path : {"no-such-scenario.toml", "."}) {
    const auto faults = ReadScenario(path);
    ASSERT_FALSE(faults);
    EXPECT_NE(faults.error().message.find(path), std::string::npos);
  }
}

TEST(Scenario, ShippedFiles_AreAllAccepted) {
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator("sim/scenarios")) {
    const auto faults = ReadScenario(entry.path());
    EXPECT_TRUE(faults) << faults.error().message;
    ++files;
  }
  EXPECT_GE(files, 5);
}

}  // namespace
}  // namespace pistream::sim
