#include "src/http/request_reader.h"

#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"

namespace pistream {
namespace {

using namespace std::string_literals;
using Status = RequestReader::Status;

TEST(RequestReaderTest, HeadUpToTheLimit_IsTaken) {
  const std::string start = "GET / HTTP/1.1\r\nCookie: ";
  const std::string end = "\r\n\r\n";
  const size_t room = RequestReader::kMaximumHead - start.size() - end.size();
  RequestReader fits;
  fits.Append(start + std::string(room, 'x') + end);
  ASSERT_EQ(fits.Next(), Status::kRequest);
  EXPECT_EQ(fits.request()["Cookie"].size(), room);
  RequestReader too_large;
  too_large.Append(start + std::string(room + 1, 'x') + end);
  EXPECT_EQ(too_large.Next(), Status::kError);
  EXPECT_EQ(static_cast<int>(too_large.error()), 431);
}

TEST(RequestReaderTest, HeadWithoutEnd_IsRefusedAtTheLimit) {
  RequestReader reader;
  reader.Append(std::string(RequestReader::kMaximumHead, 'x'));
  EXPECT_EQ(reader.Next(), Status::kNeedMore);
  reader.Append("x");
  EXPECT_EQ(reader.Next(), Status::kError);
  EXPECT_EQ(static_cast<int>(reader.error()), 431);
}

TEST(RequestReaderTest, BodyUpToTheLimit_IsTaken) {
  for (const std::string head :
       {"Content-Length: 5\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n5\r\n"}) {
    RequestReader reader(5);
    reader.Append("POST / HTTP/1.1\r\n" + head + "hello" +
                  (head.starts_with('T') ? "\r\n0\r\n\r\n" : ""));
    ASSERT_EQ(reader.Next(), Status::kRequest);
    EXPECT_EQ(reader.request().body(), "hello");
  }
}

TEST(RequestReaderTest, BodyOverTheLimit_IsRefusedBeforeItHasCome) {
  for (const std::string head :
       {"Content-Length: 6\r\n\r\n", "Content-Length: 18446744073709551615\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n6\r\n",
        "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n4\r\n",
        "Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\n"}) {
    RequestReader reader(5);
    reader.Append("POST / HTTP/1.1\r\n" + head);
    EXPECT_EQ(reader.Next(), Status::kError) << head;
    EXPECT_EQ(static_cast<int>(reader.error()), 413) << head;
  }
}

TEST(RequestReaderTest, ChunkExtensionsAndTrailersWithoutEnd_AreRefused) {
  for (const std::string start : {"1;", "0\r\nA: "}) {
    RequestReader reader;
    reader.Append("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + start +
                  std::string(ChunkedDecoder::kMaximumSkipped + 1, 'x'));
    EXPECT_EQ(reader.Next(), Status::kError);
    EXPECT_EQ(static_cast<int>(reader.error()), 413);
  }
}

TEST(RequestReaderTest, ExpectContinue_UntilTheBodyComes) {
  RequestReader reader;
  reader.Append("POST / HTTP/1.1\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n");
  EXPECT_EQ(reader.Next(), Status::kNeedMore);
  EXPECT_FALSE(reader.awaits_continue());
  reader.Append("\r\n");
  EXPECT_EQ(reader.Next(), Status::kNeedMore);
  EXPECT_TRUE(reader.awaits_continue());
  reader.Append("a");
  EXPECT_EQ(reader.Next(), Status::kNeedMore);
  EXPECT_FALSE(reader.awaits_continue());
  reader.Append("b");
  EXPECT_EQ(reader.Next(), Status::kRequest);
}

TEST(RequestReaderTest, ExpectContinueOfAnOldClient_IsIgnored) {
  RequestReader reader;
  reader.Append("POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(reader.Next(), Status::kNeedMore);
  EXPECT_FALSE(reader.awaits_continue());
}

struct Conversation {
  const char* name;
  std::string bytes;
  // One line a request, "METHOD TARGET VERSION BODY", then how it ends: "between requests", "within
  // a request" or the status of an error.
  std::vector<std::string> expected;
};

void PrintTo(const Conversation& conversation, std::ostream* out) { *out << conversation.name; }

// What a reader makes of `pieces`.
std::vector<std::string> Read(const std::vector<std::string_view>& pieces) {
  std::vector<std::string> lines;
  RequestReader reader(64);
  for (const std::string_view piece : pieces) {
    reader.Append(piece);
    Status status = reader.Next();
    for (; status == Status::kRequest; status = reader.Next()) {
      const HttpRequest& request = reader.request();
      lines.push_back(std::string(request.method_string()) + " " + std::string(request.target()) +
                      " " + std::to_string(request.version()) + " " + request.body());
    }
    if (status == Status::kError) {
      lines.push_back(std::to_string(static_cast<int>(reader.error())));
      return lines;
    }
  }
  lines.emplace_back(reader.is_within_request() ? "within a request" : "between requests");
  return lines;
}

class ConversationTest : public testing::TestWithParam<Conversation> {};

TEST_P(ConversationTest, Whole_GivesWhatIsExpected) {
  EXPECT_EQ(Read({GetParam().bytes}), GetParam().expected);
}

TEST_P(ConversationTest, CutAnywhere_GivesTheSame) {
  const std::string_view bytes = GetParam().bytes;
  for (size_t cut = 1; cut < bytes.size(); ++cut) {
    EXPECT_EQ(Read({bytes.substr(0, cut), bytes.substr(cut)}), GetParam().expected)
        << "cut before byte " << cut;
  }
}

TEST_P(ConversationTest, ByteByByte_GivesTheSame) {
  const std::string_view bytes = GetParam().bytes;
  std::vector<std::string_view> pieces;
  for (size_t i = 0; i < bytes.size(); ++i) {
    pieces.push_back(bytes.substr(i, 1));
  }
  EXPECT_EQ(Read(pieces), GetParam().expected);
}

const std::string kChunked = "POST /c HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
const std::string kBetween = "between requests";
const std::string kWithin = "within a request";

const Conversation kConversations[] = {
    {"Nothing", "", {kBetween}},
    {"EmptyLine", "\r\n", {kBetween}},
    {"LoneCarriageReturn", "\r", {kBetween}},
    {"CarriageReturnBeforeARequest", "\rGET / HTTP/1.1\r\n\r\n", {"400"}},
    {"LineFeedBeforeARequest", "\nGET / HTTP/1.1\r\n\r\n", {"400"}},
    {"OneLine", "GET / HTTP/1.0\r\n", {kWithin}},
    {"OneLineAndAHalf", "GET / HTTP/1.0\r\n\r", {kWithin}},
    {"NoFields", "GET /healthz HTTP/1.0\r\n\r\n", {"GET /healthz 10 ", kBetween}},
    {"Usual", "GET /a HTTP/1.1\r\nHost: b\r\n\r\n", {"GET /a 11 ", kBetween}},
    {"EmptyLinesBefore", "\r\n\r\n\r\nGET / HTTP/1.1\r\n\r\n\r\n", {"GET / 11 ", kBetween}},
    {"Pipelined",
     "GET /a HTTP/1.1\r\n\r\nHEAD /b HTTP/1.0\r\nHost: c\r\n\r\n\r\nGET",
     {"GET /a 11 ", "HEAD /b 10 ", kWithin}},
    {"Body", "POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcGET", {"POST / 11 abc", kWithin}},
    {"EmptyBody", "POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n", {"POST / 11 ", kBetween}},
    {"BodyOfLineEnds",
     "POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\n\r\n\r\n",
     {"POST / 11 \r\n\r\n", kBetween}},
    {"HalfABody", "POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nab", {kWithin}},
    {"BodyOverTheLimit", "POST / HTTP/1.1\r\nContent-Length: 65\r\n\r\n", {"413"}},
    {"Chunks",
     kChunked + "3\r\nabc\r\n00a;x=\"y\"\r\n0123456789\r\n0\r\nA: b\r\n\r\nGET / HTTP/1.1\r\n\r\n",
     {"POST /c 11 abc0123456789", "GET / 11 ", kBetween}},
    {"NoChunks", kChunked + "0\r\n\r\n", {"POST /c 11 ", kBetween}},
    {"HalfAChunk", kChunked + "3\r\nab", {kWithin}},
    {"ChunksWithoutTheLastLine", kChunked + "3\r\nabc\r\n0\r\n", {kWithin}},
    {"ChunksOverTheLimit", kChunked + "40\r\n" + std::string(64, 'x') + "\r\n1\r\n", {"413"}},
    {"ChunkWithoutSize", kChunked + "\r\n", {"400"}},
    {"ChunkOfAnotherSize", kChunked + "1\r\nab\r\n", {"400"}},
    {"ChunkSizeWithoutCarriageReturn", kChunked + "1\na\r\n", {"400"}},
    {"ChunkSizeOfTooManyDigits", kChunked + "00000000000000001\r\n", {"400"}},
    {"ChunkExtensionWithoutCarriageReturn", kChunked + "1;a\n", {"400"}},
    {"TrailerWithoutCarriageReturn", kChunked + "0\r\nA: b\n", {"400"}},
    {"LengthAndChunks",
     "POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
     {"400"}},
    {"ChunksOfAnOldClient", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", {"400"}},
    {"AnotherTransferCoding",
     "GET / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\nGET /smuggled HTTP/1.1\r\n\r\n",
     {"501"}},
    {"TwoTransferCodings", "GET / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", {"501"}},
    {"TwoLengths", "GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", {"400"}},
    {"NegativeLength", "GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", {"400"}},
    {"NoTarget", "GET\r\n\r\n", {"400"}},
    {"NoMethod", " / HTTP/1.1\r\n\r\n", {"400"}},
    {"LineFeedsOnly", "GET / HTTP/1.1\nHost: a\n\n", {"400"}},
    {"CarriageReturnInAField", "GET / HTTP/1.1\r\nA: b\rc\r\n\r\n", {"400"}},
    {"NulInAField", "GET / HTTP/1.1\r\nA: b\0c\r\n\r\n"s, {"400"}},
    {"Version3", "GET / HTTP/3.0\r\n\r\n", {"400"}},
    {"SpaceInAName", "GET / HTTP/1.1\r\nA B: c\r\n\r\n", {"400"}},
    {"TlsHello", "\x16\x03\x01\x02", {"400"}},
};
INSTANTIATE_TEST_SUITE_P(All, ConversationTest, testing::ValuesIn(kConversations),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace pistream
