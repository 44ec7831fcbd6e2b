#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "tests/bench/picture_log.h"
#include "tests/bench/stream_reader.h"

namespace pistream::bench {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;

std::vector<uint8_t> Bytes(const std::string& text) { return {text.begin(), text.end()}; }

const std::string kUpgrade = "HTTP/1.1 101 Switching Protocols\r\n\r\n";

std::string LongFrame(size_t payload) {
  return std::string("\x82\x7E") + static_cast<char>(payload >> 8) +
         static_cast<char>(payload & 0xFF) + std::string(payload, 'p');
}

std::vector<uint64_t> LengthsFed(const std::string& stream, size_t piece) {
  StreamReader reader;
  std::vector<uint64_t> lengths;
  const std::vector<uint8_t> bytes = Bytes(stream);
  for (size_t i = 0; i < bytes.size(); i += piece) {
    reader.Feed(std::span(bytes).subspan(i, std::min(piece, bytes.size() - i)),
                [&](const ServerMessage& message) { lengths.push_back(message.bytes); });
  }
  return lengths;
}

class PieceTest : public testing::TestWithParam<size_t> {};

TEST_P(PieceTest, StreamInPieces_GivesTheSameMessages) {
  const std::string stream =
      kUpgrade + "\x82\x08jsmp1234" + LongFrame(300) + "\x88" + std::string(1, '\0') + "\x82\x01x";
  EXPECT_THAT(LengthsFed(stream, GetParam()), ElementsAre(8, 300, 0, 1));
}

INSTANTIATE_TEST_SUITE_P(Sizes, PieceTest, testing::Values(1, 2, 3, 7, 97, 100000));

TEST(StreamReaderTest, NotAnUpgrade_IsRefused) {
  StreamReader reader;
  EXPECT_EQ(reader.Feed(Bytes("HTTP/1.1 403 Forbidden\r\n\r\n"), [](const ServerMessage&) {}),
            StreamReader::Status::kRefused);
}

TEST(StreamReaderTest, MaskedFrame_IsBroken) {
  StreamReader reader;
  EXPECT_EQ(reader.Feed(Bytes(kUpgrade + "\x82\x81" + "maskx"), [](const ServerMessage&) {}),
            StreamReader::Status::kBroken);
}

// Example failure is a spread of seconds where the server repeats pictures: 73 bytes, the same
// ones.
TEST(StreamReaderTest, SameBytesInAnotherGroup_AreAnotherPicture) {
  const std::string intra("\x82\x05\0\0\1\xB3", 6);
  const std::string repeat = "\x82\x01r";
  const std::string stream =
      kUpgrade + intra + "a" + repeat + intra + "b" + repeat + intra + "a" + repeat;
  StreamReader reader;
  std::vector<uint64_t> seen;
  reader.Feed(Bytes(stream),
              [&](const ServerMessage& message) { seen.push_back(message.fingerprint); });
  ASSERT_EQ(seen.size(), 6);
  EXPECT_EQ((std::set<uint64_t>(seen.begin(), seen.end()).size()), 4);
  EXPECT_EQ(seen[5], seen[1]);
}

TEST(PictureLogTest, SamePictureAtTwoViewers_IsOneEntry) {
  PictureLog log;
  const Time now{};
  EXPECT_EQ(log.Received(1, now), 0U);
  EXPECT_EQ(log.Received(1, now + seconds(1)), 0U);
  EXPECT_EQ(log.Received(2, now + seconds(1)), 1U);
  EXPECT_EQ(log.entries()[0].viewers, 2);
  EXPECT_EQ(log.entries()[0].last - log.entries()[0].first, seconds(1));
}

TEST(PictureLogTest, SameBytesMuchLater_AreAnotherPicture) {
  PictureLog log;
  const Time now{};
  EXPECT_EQ(log.Received(1, now), 0U);
  EXPECT_EQ(log.Received(1, now + seconds(10)), 1U);
}

TEST(PercentilesTest, RanksOfAHundred_AreTheNumbers) {
  std::vector<double> samples;
  for (int i = 100; i >= 0; --i) {
    samples.push_back(i);
  }
  const Percentiles result = PercentilesOf(samples);
  EXPECT_EQ(result.p50, 50);
  EXPECT_EQ(result.p95, 95);
  EXPECT_EQ(result.p99, 99);
  EXPECT_EQ(result.max, 100);
}

}  // namespace
}  // namespace pistream::bench
