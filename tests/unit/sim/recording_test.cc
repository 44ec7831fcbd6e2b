#include "sim/recording.h"

#include <fstream>
#include <string>
#include <string_view>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sim/overlay.h"
#include "sim/simulated_camera.h"
#include "sim/stamp.h"
#include "src/base/fake_clock.h"
#include "tests/contract/recording_sink.h"
#include "tests/unit/sim/picture.h"

namespace pistream::sim {
namespace {

using ::testing::HasSubstr;

// Too small for a stamp, so that it shows only the recording.
constexpr Size kSmall{32, 16};
constexpr std::string_view kHeader = "YUV4MPEG2 W32 H16 F24:1 Ip A1:1 C420jpeg\n";

// Bytes that count up from `first`, plane after plane.
std::string PictureFrom(int first, Size size) {
  std::string bytes(static_cast<size_t>(size.width * size.height * 3 / 2), '\0');
  for (size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<char>(static_cast<size_t>(first) + i);
  }
  return bytes;
}

std::string TwoPictures() {
  return std::string(kHeader) + "FRAME\n" + PictureFrom(0, kSmall) + "FRAME Ip\n" +
         PictureFrom(100, kSmall);
}

std::string ErrorOf(const std::string& contents) {
  const auto recording = Recording::Parse(contents, "a.y4m");
  EXPECT_FALSE(recording);
  EXPECT_TRUE(recording.error().is_bad_usage);
  return recording.error().message;
}

Picture Painted(uint64_t sequence, Flips flips = {}) {
  Picture picture(kSmall);
  const auto recording = Recording::Parse(TwoPictures(), "a.y4m").value();
  recording->Paint(sequence, {}, flips, picture.Planes());
  return picture;
}

TEST(RecordingTest, Pictures_AreShownInALoop) {
  EXPECT_EQ(Painted(0).At(0, 0, 0), 0);
  EXPECT_EQ(Painted(1).At(0, 0, 0), 100);
  EXPECT_EQ(Painted(2), Painted(0));
  EXPECT_EQ(Painted(3), Painted(1));
}

TEST(RecordingTest, Planes_AreAllCopied) {
  const Picture picture = Painted(0);
  EXPECT_EQ(picture.At(0, 31, 15), (32 * 16 - 1) % 256);
  EXPECT_EQ(picture.At(1, 3, 1), (32 * 16 + 16 + 3) % 256);
  EXPECT_EQ(picture.At(2, 15, 7), (32 * 16 + 2 * 16 * 8 - 1) % 256);
}

TEST(RecordingTest, Flips_MirrorIt) {
  const Picture upright = Painted(0);
  const Picture mirrored = Painted(0, {.horizontal = true});
  const Picture turned = Painted(0, {.horizontal = true, .vertical = true});
  EXPECT_EQ(mirrored.At(0, 0, 3), upright.At(0, 31, 3));
  EXPECT_EQ(mirrored.At(2, 4, 3), upright.At(2, 11, 3));
  EXPECT_EQ(turned.At(0, 5, 0), upright.At(0, 26, 15));
  EXPECT_EQ(turned.At(1, 0, 0), upright.At(1, 15, 7));
}

TEST(RecordingTest, LargeEnough_HasTheStampOfTheTestPicture) {
  constexpr Size kSize{320, 240};
  const auto recording =
      Recording::Parse("YUV4MPEG2 W320 H240\nFRAME\n" + PictureFrom(0, kSize), "a.y4m").value();
  Picture picture(kSize);
  const SteadyTime captured{std::chrono::seconds(5)};
  recording->Paint(77, captured, {.vertical = true}, picture.Planes());
  const auto planes = picture.Planes();
  EXPECT_EQ(ReadStamp(kSize, planes[0].data, planes[0].stride), MakeStamp(77, captured));
  EXPECT_FALSE(FooterBand(kSize, StampBand(kSize).bottom()).empty());
}

TEST(RecordingTest, Camera_HasTheRecordingsSizeWhateverIsRequested) {
  const std::string path = testing::TempDir() + "/two.y4m";
  std::ofstream(path, std::ios::binary) << TwoPictures();
  FakeClock clock;
  RecordingSink sink;
  const auto source = MakeRecordingSource(path, clock).value();
  EXPECT_EQ(source->Name(), "simulated:" + path);
  const auto camera = source->Open().value();
  const VideoFormat asked{{640, 480}, {25, 1}};
  EXPECT_EQ(camera->Start({.format = asked}, sink), (VideoFormat{kSmall, asked.framerate}));
  clock.AwaitSleepers(1);
  camera->Stop();
  ASSERT_EQ(sink.FrameCount(), 1U);
  EXPECT_EQ(sink.Notes()[0].size, kSmall);
}

TEST(RecordingTest, MissingFile_IsNamed) {
  const auto recording = Recording::Read("/nonexistent.y4m");
  ASSERT_FALSE(recording);
  EXPECT_THAT(recording.error().message, HasSubstr("/nonexistent.y4m"));
}

TEST(RecordingTest, Directory_IsNamed) {
  const auto recording = Recording::Read(testing::TempDir());
  ASSERT_FALSE(recording);
  EXPECT_THAT(recording.error().message, HasSubstr(testing::TempDir()));
}

TEST(RecordingTest, AnotherFormat_IsRejected) {
  EXPECT_THAT(ErrorOf(""), HasSubstr("a.y4m is not a YUV4MPEG2 file"));
  EXPECT_THAT(ErrorOf("RIFF\n"), HasSubstr("a.y4m is not a YUV4MPEG2 file"));
  EXPECT_THAT(ErrorOf("YUV4MPEG2 W32 H16 C422\n"), HasSubstr("'C422' is not supported"));
  EXPECT_THAT(ErrorOf("YUV4MPEG2 W32 H16 C420p10\n"), HasSubstr("'C420p10' is not"));
  EXPECT_THAT(ErrorOf("YUV4MPEG2 W32 H16 It\n"), HasSubstr("'It' is not supported"));
  EXPECT_THAT(ErrorOf("YUV4MPEG2 Wide H16\n"), HasSubstr("'Wide' is not supported"));
  EXPECT_THAT(ErrorOf("YUV4MPEG2 W32 H16 XCOLORRANGE=FULL\n"),
              HasSubstr("'XCOLORRANGE=FULL' is not supported"));
  EXPECT_THAT(ErrorOf("YUV4MPEG2 W32 H16 C" + std::string(1000, '4') + "\n"),
              HasSubstr("is not a YUV4MPEG2 file"));
}

TEST(RecordingTest, ImpossibleSize_IsRejected) {
  EXPECT_THAT(ErrorOf("YUV4MPEG2 F24:1\n"), HasSubstr("a.y4m: "));
  EXPECT_THAT(ErrorOf("YUV4MPEG2 W33 H16\n"), HasSubstr("33x16"));
  EXPECT_THAT(ErrorOf("YUV4MPEG2 W99999999 H99999998\n"), HasSubstr("99999999"));
}

TEST(RecordingTest, Truncated_NamesThePicture) {
  std::string contents = TwoPictures();
  contents.pop_back();
  EXPECT_THAT(ErrorOf(contents), HasSubstr("picture 1 is incomplete"));
  EXPECT_THAT(ErrorOf(TwoPictures() + "junk\n"), HasSubstr("picture 2 is incomplete"));
  EXPECT_THAT(ErrorOf(std::string(kHeader) + "FRAME"), HasSubstr("picture 0 is incomplete"));
  EXPECT_THAT(ErrorOf(std::string(kHeader)), HasSubstr("has no pictures"));
}

}  // namespace
}  // namespace pistream::sim
