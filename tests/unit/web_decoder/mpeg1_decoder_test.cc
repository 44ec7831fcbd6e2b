#include "web/decoder/mpeg1_decoder.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <vector>

#include "tests/unit/web_decoder/comparison.h"
#include "tests/unit/web_decoder/libavcodec_reference.h"
#include "tests/unit/web_decoder/random_stream.h"
#include "tests/unit/web_decoder/test_pattern.h"

namespace pistream::test {
namespace {

using Bytes = std::vector<uint8_t>;

constexpr int kWidth = 80;
constexpr int kHeight = 64;

// An I picture and `count` - 1 P pictures, each with its headers.
std::vector<Bytes> EncodePictures(int count, int width = kWidth, int height = kHeight) {
  ReferenceEncoder encoder({.width = width, .height = height, .quantiser = 4, .gop = 100});
  std::vector<Bytes> pictures;
  for (int i = 0; i < count; ++i) {
    for (Bytes& picture : encoder.Encode(MakePattern(width, height, i, 3))) {
      pictures.push_back(std::move(picture));
    }
  }
  return pictures;
}

Bytes Joined(std::initializer_list<Bytes> parts) {
  Bytes all;
  for (const Bytes& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

// The last quarter of the picture is gone.
Bytes CutOff(Bytes picture) {
  picture.resize(picture.size() * 3 / 4);
  return picture;
}

TEST(Mpeg1Decoder, BeforeFirstPicture_ShowsNone) {
  OurDecoder decoder;
  EXPECT_EQ(decoder.decoder().Shown(), nullptr);
  EXPECT_EQ(decoder.Decode({}).status, DecodeStatus::kNothing);
  EXPECT_EQ(decoder.decoder().Announced().width, 0);
}

TEST(Mpeg1Decoder, FirstPictureIsIntra_ShowsIt) {
  OurDecoder decoder;
  const Bytes picture = EncodePictures(1).front();
  const DecodeResult result = decoder.Decode(picture);
  EXPECT_EQ(result.status, DecodeStatus::kPicture);
  EXPECT_EQ(result.consumed, picture.size());
  ASSERT_NE(decoder.decoder().Shown(), nullptr);
  EXPECT_EQ(decoder.decoder().Shown()->size.width, kWidth);
  EXPECT_EQ(decoder.decoder().Shown()->coded_size.height, kHeight);
}

TEST(Mpeg1Decoder, WithoutMemory_NeedsSomeAndConsumesNothing) {
  Mpeg1Decoder decoder;
  const Bytes picture = EncodePictures(1).front();
  const DecodeResult result = decoder.Decode(picture.data(), picture.size());
  EXPECT_EQ(result.status, DecodeStatus::kNeedsMemory);
  EXPECT_EQ(result.consumed, 0u);
  EXPECT_EQ(decoder.Announced().width, kWidth);
  EXPECT_EQ(decoder.Announced().height, kHeight);
}

TEST(Mpeg1Decoder, WithOneByteTooLittle_NeedsMemory) {
  Mpeg1Decoder decoder;
  std::vector<uint8_t> memory(Mpeg1Decoder::MemorySize({kWidth, kHeight}) - 1);
  decoder.UseMemory(memory.data(), memory.size());
  const Bytes picture = EncodePictures(1).front();
  EXPECT_EQ(decoder.Decode(picture.data(), picture.size()).status, DecodeStatus::kNeedsMemory);
}

TEST(Mpeg1Decoder, FirstPictureIsPredicted_WaitsForIntra) {
  OurDecoder decoder;
  const auto pictures = EncodePictures(3);
  EXPECT_EQ(decoder.Decode(pictures[1]).status, DecodeStatus::kWaiting);
  EXPECT_EQ(decoder.Decode(pictures[2]).status, DecodeStatus::kWaiting);
  EXPECT_EQ(decoder.Decode(pictures[0]).status, DecodeStatus::kPicture);
  EXPECT_EQ(decoder.Decode(pictures[1]).status, DecodeStatus::kPicture);
}

TEST(Mpeg1Decoder, IntraWithoutSequenceHeader_Waits) {
  OurDecoder decoder;
  RandomStream stream({});
  const Bytes whole = stream.IntraPicture();
  // The GOP header begins after the sequence header (12 bytes).
  EXPECT_EQ(decoder.Decode(std::span(whole).subspan(12)).status, DecodeStatus::kWaiting);
}

TEST(Mpeg1Decoder, SeveralPictures_DecodesOneACall) {
  OurDecoder decoder;
  const auto pictures = EncodePictures(3);
  const Bytes stream = Joined({pictures[0], pictures[1], pictures[2]});
  std::span<const uint8_t> rest(stream);
  for (const Bytes& picture : pictures) {
    const DecodeResult result = decoder.Decode(rest);
    EXPECT_EQ(result.status, DecodeStatus::kPicture);
    EXPECT_EQ(result.consumed, picture.size());
    rest = rest.subspan(result.consumed);
  }
  EXPECT_TRUE(rest.empty());
}

TEST(Mpeg1Decoder, PictureCutOff_IsDamagedAndTheLastGoodStays) {
  OurDecoder decoder;
  const auto pictures = EncodePictures(3);
  decoder.Decode(pictures[0]);
  const SamplePlanes good = decoder.Shown();
  EXPECT_EQ(decoder.Decode(CutOff(pictures[1])).status, DecodeStatus::kDamaged);
  EXPECT_EQ(decoder.Shown(), good);
}

TEST(Mpeg1Decoder, AfterDamage_WaitsForIntraAndThenGoesOn) {
  OurDecoder decoder;
  const auto pictures = EncodePictures(4);
  decoder.Decode(pictures[0]);
  decoder.Decode(CutOff(pictures[1]));
  EXPECT_EQ(decoder.Decode(pictures[2]).status, DecodeStatus::kWaiting);
  EXPECT_EQ(decoder.Decode(pictures[0]).status, DecodeStatus::kPicture);
  EXPECT_EQ(decoder.Decode(pictures[1]).status, DecodeStatus::kPicture);
}

TEST(Mpeg1Decoder, EveryTruncation_IsNoPicture) {
  const auto pictures = EncodePictures(2);
  for (size_t size = 0; size + 1 < pictures[1].size(); ++size) {
    OurDecoder decoder;
    decoder.Decode(pictures[0]);
    const auto status = decoder.Decode(std::span(pictures[1]).first(size)).status;
    EXPECT_NE(status, DecodeStatus::kPicture) << size << " of " << pictures[1].size();
  }
}

TEST(Mpeg1Decoder, BidirectionalPicture_IsSkippedAndChangesNothing) {
  ReferenceEncoder encoder(
      {.width = kWidth, .height = kHeight, .quantiser = 4, .gop = 100, .b_pictures = 1});
  OurDecoder decoder;
  int skipped = 0;
  int decoded = 0;
  for (int i = 0; i < 12; ++i) {
    for (const Bytes& picture : encoder.Encode(MakePattern(kWidth, kHeight, i, 3))) {
      const DecodeResult result = decoder.Decode(picture);
      EXPECT_EQ(result.consumed, picture.size());
      skipped += result.status == DecodeStatus::kSkipped ? 1 : 0;
      decoded += result.status == DecodeStatus::kPicture ? 1 : 0;
      EXPECT_NE(result.status, DecodeStatus::kDamaged);
      EXPECT_NE(result.status, DecodeStatus::kWaiting);
    }
  }
  EXPECT_GT(skipped, 2);
  EXPECT_GT(decoded, 2);
}

TEST(Mpeg1Decoder, EmptyBidirectionalPicture_IsSkipped) {
  OurDecoder decoder;
  decoder.Decode(EncodePictures(1).front());
  const Bytes empty = {0, 0, 1, 0xb7, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0x1f, 0xff, 0xf8, 0, 0};
  EXPECT_EQ(decoder.Decode(empty).status, DecodeStatus::kSkipped);
  EXPECT_NE(decoder.decoder().Shown(), nullptr);
}

TEST(Mpeg1Decoder, HeadersAndEndCodeOnly_AreNothing) {
  OurDecoder decoder;
  decoder.Decode(EncodePictures(1).front());
  const Bytes end_code = {0, 0, 1, 0xb7};
  EXPECT_EQ(decoder.Decode(end_code).status, DecodeStatus::kNothing);
  EXPECT_NE(decoder.decoder().Shown(), nullptr);
  const Bytes user_data = {0, 0, 1, 0xb2, 1, 2, 3, 0, 0, 1, 0xb5, 0xf0};
  EXPECT_EQ(decoder.Decode(user_data).status, DecodeStatus::kNothing);
}

TEST(Mpeg1Decoder, EndCodeBehindPicture_IsLeftForTheNextCall) {
  OurDecoder decoder;
  const Bytes picture = EncodePictures(1).front();
  const DecodeResult result = decoder.Decode(Joined({picture, {0, 0, 1, 0xb7}}));
  EXPECT_EQ(result.status, DecodeStatus::kPicture);
  EXPECT_EQ(result.consumed, picture.size());
}

TEST(Mpeg1Decoder, DamagedSequenceHeader_WaitsForAGoodOne) {
  OurDecoder decoder;
  const auto pictures = EncodePictures(2);
  decoder.Decode(pictures[0]);
  Bytes damaged = pictures[0];
  damaged[4] = damaged[5] = 0;  // width 0
  EXPECT_EQ(decoder.Decode(damaged).status, DecodeStatus::kDamaged);
  EXPECT_EQ(decoder.Decode(pictures[1]).status, DecodeStatus::kWaiting);
  EXPECT_EQ(decoder.Decode(pictures[0]).status, DecodeStatus::kPicture);
}

TEST(Mpeg1Decoder, ChangeOfSize_ForgetsThePictureAndGoesOn) {
  OurDecoder decoder;
  decoder.Decode(EncodePictures(1).front());
  const auto larger = EncodePictures(2, 176, 144);
  EXPECT_EQ(decoder.Decode(larger[0]).status, DecodeStatus::kPicture);
  EXPECT_EQ(decoder.Decode(larger[1]).status, DecodeStatus::kPicture);
  EXPECT_EQ(decoder.decoder().Shown()->size.width, 176);
  const auto smaller = EncodePictures(1);
  EXPECT_EQ(decoder.Decode(smaller[0]).status, DecodeStatus::kPicture);
  EXPECT_EQ(decoder.decoder().Shown()->size.width, kWidth);
  EXPECT_EQ(decoder.Decode(larger[1]).status, DecodeStatus::kDamaged);
}

TEST(Mpeg1Decoder, MacroblockMissing_IsDamage) {
  RandomStream stream({.slices = 4});
  OurDecoder decoder;
  decoder.Decode(stream.IntraPicture());
  const Bytes picture = stream.PredictedPicture();
  // Removes one slice.
  Bytes shorter;
  int slices = 0;
  for (size_t i = 0; i < picture.size(); ++i) {
    const bool start = i + 3 < picture.size() && picture[i] == 0 && picture[i + 1] == 0 &&
                       picture[i + 2] == 1 && picture[i + 3] >= 1 && picture[i + 3] <= 0xaf;
    slices += start ? 1 : 0;
    if (slices != 2) shorter.push_back(picture[i]);
  }
  ASSERT_GT(slices, 2);
  EXPECT_EQ(decoder.Decode(shorter).status, DecodeStatus::kDamaged);
}

// Not to be found by status alone: memory around is watched by the sanitizers (--config=asan), and
// by the fuzzer.
TEST(Mpeg1Decoder, DamagedBytes_NeverEndTheDecoder) {
  std::mt19937 random(1);
  const auto pictures = EncodePictures(6);
  OurDecoder decoder;
  for (int round = 0; round < 300; ++round) {
    for (Bytes picture : pictures) {
      for (int i = 0; i < 3; ++i)
        picture[random() % picture.size()] = static_cast<uint8_t>(random());
      decoder.Decode(picture);
    }
  }
  EXPECT_EQ(decoder.Decode(pictures[0]).status, DecodeStatus::kPicture);
  const SamplePlanes first = decoder.Shown();
  OurDecoder fresh;
  fresh.Decode(pictures[0]);
  EXPECT_EQ(first, fresh.Shown());
}

}  // namespace
}  // namespace pistream::test
