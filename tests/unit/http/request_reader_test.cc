#include "src/http/request_reader.h"

#include <string>

#include "gtest/gtest.h"

namespace pistream {
namespace {

using Status = RequestReader::Status;

TEST(RequestReaderTest, InPieces_OneRequest) {
  RequestReader reader;
  for (const char c : std::string("GET /a HTTP/1.1\r\nHost: b\r\n\r")) {
    reader.Append({&c, 1});
    ASSERT_EQ(reader.Next(), Status::kNeedMore);
    EXPECT_TRUE(reader.is_within_request());
  }
  reader.Append("\n");
  ASSERT_EQ(reader.Next(), Status::kRequest);
  EXPECT_EQ(reader.request().target(), "/a");
  EXPECT_FALSE(reader.has_body());
  EXPECT_EQ(reader.Next(), Status::kNeedMore);
  EXPECT_FALSE(reader.is_within_request());
}

TEST(RequestReaderTest, Pipelined_OneAfterTheOther) {
  RequestReader reader;
  reader.Append("\r\nGET /a HTTP/1.1\r\n\r\n\r\nHEAD /b HTTP/1.0\r\n\r\nrest");
  ASSERT_EQ(reader.Next(), Status::kRequest);
  EXPECT_EQ(reader.request().target(), "/a");
  ASSERT_EQ(reader.Next(), Status::kRequest);
  EXPECT_EQ(reader.request().target(), "/b");
  EXPECT_EQ(reader.request().version(), 10u);
  EXPECT_EQ(reader.TakeRest(), "rest");
}

TEST(RequestReaderTest, HeaderUpToTheLimit_IsTaken) {
  const std::string start = "GET / HTTP/1.1\r\nX: ";
  const std::string end = "\r\n\r\n";
  const size_t room = RequestReader::kMaximumHeader - start.size() - end.size();
  RequestReader fits;
  fits.Append(start + std::string(room, 'x') + end);
  EXPECT_EQ(fits.Next(), Status::kRequest);
  RequestReader too_large;
  too_large.Append(start + std::string(room + 100, 'x') + end);
  EXPECT_EQ(too_large.Next(), Status::kError);
  EXPECT_EQ(static_cast<int>(too_large.error()), 431);
}

TEST(RequestReaderTest, Body_IsToldAndNotRead) {
  RequestReader with_length;
  with_length.Append("POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc");
  ASSERT_EQ(with_length.Next(), Status::kRequest);
  EXPECT_TRUE(with_length.has_body());
  RequestReader chunked;
  chunked.Append("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc");
  ASSERT_EQ(chunked.Next(), Status::kRequest);
  EXPECT_TRUE(chunked.has_body());
  RequestReader coded;
  coded.Append("GET / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\nGET /smuggled HTTP/1.1\r\n");
  ASSERT_EQ(coded.Next(), Status::kRequest);
  EXPECT_TRUE(coded.has_body());
  RequestReader empty;
  empty.Append("POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n");
  ASSERT_EQ(empty.Next(), Status::kRequest);
  EXPECT_FALSE(empty.has_body());
}

TEST(RequestReaderTest, Malformed_IsAnError) {
  for (const char* const text :
       {"GET\r\n\r\n", " / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\nHost: a\n\n\r\n\r\n",
        "GET / HTTP/3.0\r\n\r\n", "GET / HTTP/1.1\r\nA B: c\r\n\r\n",
        "GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"}) {
    RequestReader reader;
    reader.Append(text);
    EXPECT_EQ(reader.Next(), Status::kError) << text;
    EXPECT_EQ(static_cast<int>(reader.error()), 400);
  }
}

}  // namespace
}  // namespace pistream
