// Our decoder against libavcodec's, over all that MPEG-1 has but B and D pictures: --pictures=N of
// them.

#include <gtest/gtest.h>

#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "tests/unit/web_decoder/comparison.h"
#include "tests/unit/web_decoder/libavcodec_reference.h"
#include "tests/unit/web_decoder/random_stream.h"
#include "tests/unit/web_decoder/test_pattern.h"

namespace pistream::test {
namespace {

int pictures_wanted = 600;

constexpr double kMinPsnr = 50;

struct Size {
  int width;
  int height;
};
// Odd and even in macroblocks, whole and not; one macroblock; wider than 33 macroblocks and than a
// byte of them.
constexpr Size kSizes[] = {{64, 48}, {80, 80},  {320, 240}, {97, 33},
                           {1, 1},   {640, 16}, {16, 400},  {177, 143}};

Size SizeOf(int stream) { return kSizes[static_cast<size_t>(stream) % std::size(kSizes)]; }

void Report(const char* what, const Comparison& result) {
  std::cout << what << ": " << result.pictures << " pictures, " << result.identical
            << " identical, the others at least " << result.min_psnr << " dB\n";
}

// Streams of an encoder: every quantiser, slices, matrices, vectors up to the largest; all in one
// stream, so that size and matrices change in the middle.
TEST(Exactness, EncodersPictures_AreIdentical) {
  Comparer comparer;
  for (int stream = 0; comparer.result().pictures < pictures_wanted / 2; ++stream) {
    const auto [width, height] = SizeOf(stream);
    ReferenceEncoderOptions options = {.width = width, .height = height};
    options.quantiser = stream % 32;
    options.bitrate = 100000 << (stream % 5);
    options.gop = 1 + stream % 13;
    options.slices = 1 + stream % 30;
    options.motion_range = stream % 3 == 0 ? 200 : 0;
    if (stream % 4 == 1) {
      options.intra_matrix.assign(64, static_cast<uint16_t>(8 + stream % 90));
      options.non_intra_matrix.assign(64, static_cast<uint16_t>(8 + stream % 110));
    }
    ReferenceEncoder encoder(options);
    for (int i = 0; i < 15; ++i) {
      for (const auto& picture : encoder.Encode(MakePattern(width, height, i, 1 + stream % 19))) {
        comparer.Compare(picture);
      }
    }
  }
  Report("encoder's", comparer.result());
  EXPECT_EQ(comparer.result().identical, comparer.result().pictures);
}

// Streams that no encoder produces, but that the standard allows.
TEST(Exactness, RandomPictures_AreAlike) {
  Comparer comparer;
  for (int stream = 0; comparer.result().pictures < pictures_wanted / 2; ++stream) {
    const auto [width, height] = SizeOf(stream);
    RandomStreamOptions options = {.width = width, .height = height};
    options.seed = static_cast<uint32_t>(stream);
    options.slices = 1 + stream % 30;
    options.forward_f_code = 1 + stream % 7;
    options.full_pel = stream % 5 == 0;
    options.quantiser = stream % 32;
    options.custom_matrices = stream % 2 == 1;
    options.stuffing = stream % 3 == 1;
    options.skipped = stream % 4 == 0 ? 0.97 : 0.2;
    options.coded_blocks = stream % 4 == 1 ? 0.9 : 0.3;
    RandomStream random(options);
    for (int gop = 0; gop < 2; ++gop) {
      comparer.Compare(random.IntraPicture());
      for (int i = 0; i < 7; ++i) comparer.Compare(random.PredictedPicture());
    }
  }
  Report("random", comparer.result());
  EXPECT_GE(comparer.result().min_psnr, kMinPsnr);
}

}  // namespace
}  // namespace pistream::test

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  constexpr std::string_view kOption = "--pictures=";
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument.starts_with(kOption)) {
      pistream::test::pictures_wanted = std::stoi(std::string(argument.substr(kOption.size())));
    }
  }
  return RUN_ALL_TESTS();
}
