#include "src/wire/jsmp_header.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace pistream::wire {
namespace {

using testing::ElementsAre;

TEST(JsmpHeaderTest, Make_UsualSize_IsPistreamingsHeader) {
  EXPECT_THAT(JsmpHeader({640, 480}), ElementsAre('j', 's', 'm', 'p', 0x02, 0x80, 0x01, 0xE0));
}

TEST(JsmpHeaderTest, Parse_WhatWasMade_GivesTheSize) {
  for (const Size size : {Size{16, 16}, Size{4094, 4094}, Size{65535, 1}}) {
    EXPECT_EQ(ParseJsmpHeader(JsmpHeader(size)), size);
  }
}

TEST(JsmpHeaderTest, Parse_WrongLength_IsNoHeader) {
  const std::vector<uint8_t> bytes = {'j', 's', 'm', 'p', 0, 1, 0, 1, 0};
  EXPECT_EQ(ParseJsmpHeader(bytes), std::nullopt);
  EXPECT_EQ(ParseJsmpHeader(std::span(bytes).first(7)), std::nullopt);
  EXPECT_EQ(ParseJsmpHeader({}), std::nullopt);
}

TEST(JsmpHeaderTest, Parse_WrongMagic_IsNoHeader) {
  EXPECT_EQ(ParseJsmpHeader(std::vector<uint8_t>{'j', 's', 'm', 'P', 0, 1, 0, 1}), std::nullopt);
}

}  // namespace
}  // namespace pistream::wire
