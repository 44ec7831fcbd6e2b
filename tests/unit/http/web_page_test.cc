#include "src/http/web_page.h"

#include "gtest/gtest.h"

namespace pistream {
namespace {

const PageValues kValues{.host = "pi.local", .ws_port = 8084, .size = {640, 480}};

TEST(FillPlaceholdersTest, EveryPlaceholder_IsReplacedEverywhere) {
  EXPECT_EQ(FillPlaceholders("@ADDRESS@|${ADDRESS}|${WS_PORT}|${WS_PORT}", kValues),
            "pi.local:8084|pi.local:8084|8084|8084");
  EXPECT_EQ(FillPlaceholders("${WIDTH}x${HEIGHT} ${COLOR} ${BGCOLOR}", kValues),
            "640x480 #444 #333");
}

TEST(FillPlaceholdersTest, PageOfAStream_LeadsToThatStream) {
  PageValues values = kValues;
  values.path = "/streams/door";
  EXPECT_EQ(FillPlaceholders("ws://@ADDRESS@/ ws://${ADDRESS}/", values),
            "ws://pi.local:8084/streams/door/ ws://pi.local:8084/streams/door/");
  EXPECT_EQ(FillPlaceholders("':${WS_PORT}/' const port = ${WS_PORT};", values),
            "':8084/streams/door/' const port = 8084;");
}

TEST(FillPlaceholdersTest, AnythingElse_Stays) {
  for (const char* const page : {"", "$", "@", "$$", "${", "${}", "${width}", "${OTHER}", "$WIDTH",
                                 "@ADDRESS", "$(function", "a@b.example", "`${WS_PORT`"}) {
    EXPECT_EQ(FillPlaceholders(page, kValues), page);
  }
}

TEST(FillPlaceholdersTest, ValueThatLooksLikeAPlaceholder_IsNotFilledAgain) {
  EXPECT_EQ(FillPlaceholders("@ADDRESS@", {.host = "${WIDTH}", .ws_port = 1, .size = {2, 3}}),
            "${WIDTH}:1");
  EXPECT_EQ(FillPlaceholders("@@ADDRESS@@", kValues), "@pi.local:8084@");
}

}  // namespace
}  // namespace pistream
