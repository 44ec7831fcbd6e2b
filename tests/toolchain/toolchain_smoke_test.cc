// Each library of //toolchains/libs is found by the compiler, linked, and does one thing right.

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/avutil.h>
#include <libswscale/swscale.h>
}
#include <fmt/format.h>
#include <openssl/evp.h>
#include <prometheus/counter.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <array>
#include <boost/asio.hpp>
#include <boost/beast.hpp>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <toml++/toml.hpp>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace {

using ::testing::HasSubstr;

TEST(Toolchain, Beast_ParsesARequest) {
  namespace http = boost::beast::http;
  http::request_parser<http::empty_body> parser;
  boost::beast::error_code error;
  const std::string_view text = "GET /stream HTTP/1.1\r\nHost: pi\r\n\r\n";
  parser.put(boost::asio::buffer(text), error);
  EXPECT_FALSE(error) << error.message();
  EXPECT_EQ(parser.get().target(), "/stream");
}

TEST(Toolchain, Asio_RunsAPostedHandler) {
  boost::asio::io_context context;
  bool ran = false;
  boost::asio::post(context, [&ran] { ran = true; });
  context.run();
  EXPECT_TRUE(ran);
}

TEST(Toolchain, Cli11_ParsesAnOption) {
  CLI::App app;
  int port = 0;
  app.add_option("--port", port);
  app.parse("--port 8082");
  EXPECT_EQ(port, 8082);
}

TEST(Toolchain, Tomlplusplus_ReadsAValue) {
  const toml::parse_result result = toml::parse("framerate = 24");
  ASSERT_TRUE(result);
  EXPECT_EQ(result.table()["framerate"].value<int>(), 24);
}

TEST(Toolchain, Spdlog_FormatsWithFmt) {
  std::ostringstream out;
  spdlog::logger logger("test", std::make_shared<spdlog::sinks::ostream_sink_mt>(out));
  logger.info("{:>4}", 7);
  EXPECT_THAT(out.str(), HasSubstr("   7"));
  EXPECT_EQ(fmt::format("{:.1f}", 0.25), "0.2");
}

TEST(Toolchain, Expected_HoldsAnError) {
  const tl::expected<int, std::string> result = tl::unexpected(std::string("no camera"));
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error(), "no camera");
}

TEST(Toolchain, Ffmpeg_HasMpeg1) {
  EXPECT_NE(avcodec_find_encoder(AV_CODEC_ID_MPEG1VIDEO), nullptr);
  EXPECT_NE(avcodec_find_decoder(AV_CODEC_ID_MPEG1VIDEO), nullptr);
  EXPECT_NE(av_find_input_format("mpegvideo"), nullptr);
  EXPECT_STREQ(av_get_media_type_string(AVMEDIA_TYPE_VIDEO), "video");
  EXPECT_NE(sws_isSupportedInput(AV_PIX_FMT_NV12), 0);
}

TEST(Toolchain, PrometheusCpp_CountsAndPrints) {
  prometheus::Registry registry;
  prometheus::BuildCounter().Name("frames").Register(registry).Add({}).Increment(3);
  std::ostringstream out;
  prometheus::TextSerializer().Serialize(out, registry.Collect());
  EXPECT_THAT(out.str(), HasSubstr("frames 3"));
}

TEST(Toolchain, Crypto_MakesSha1) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  ASSERT_EQ(EVP_Digest("abc", 3, digest.data(), &size, EVP_sha1(), nullptr), 1);
  EXPECT_EQ(size, 20u);
  EXPECT_EQ(digest[0], 0xa9);
}

TEST(ToolchainDeathTest, StandardLibrary_IndexOutOfRange_EndsTheProgram) {
  const std::vector<int> numbers(3);
  EXPECT_DEATH(static_cast<void>(numbers[numbers.size()]), "Assertion");
}

}  // namespace
