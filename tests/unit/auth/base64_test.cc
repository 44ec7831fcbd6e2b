#include "src/auth/base64.h"

#include <cstdint>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace pistream {
namespace {

std::string Encoded(const std::string& text) {
  return EncodeBase64Url({reinterpret_cast<const uint8_t*>(text.data()), text.size()});
}

TEST(Base64Test, VectorsOfTheRfc_BothWays) {
  const std::pair<const char*, const char*> kVectors[] = {
      {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},         {"foo", "Zm9v"},
      {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}};
  for (const auto& [text, encoded] : kVectors) {
    EXPECT_EQ(Encoded(text), encoded);
    EXPECT_EQ(DecodeBase64Url(encoded), text);
    EXPECT_EQ(DecodeBase64(encoded), text);
  }
  EXPECT_EQ(DecodeBase64("Zg=="), "f");
  EXPECT_EQ(DecodeBase64("Zm8="), "fo");
}

TEST(Base64Test, AllBytes_ComeBack) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) {
    bytes.push_back(static_cast<char>(i));
    EXPECT_EQ(DecodeBase64Url(Encoded(bytes)), bytes);
  }
}

TEST(Base64Test, Alphabets_AreNotMixed) {
  EXPECT_EQ(Encoded("\xFB\xFF"), "-_8");
  EXPECT_EQ(DecodeBase64Url("-_8"), "\xFB\xFF");
  EXPECT_EQ(DecodeBase64("+/8="), "\xFB\xFF");
  EXPECT_FALSE(DecodeBase64Url("+/8"));
  EXPECT_FALSE(DecodeBase64("-_8"));
}

TEST(Base64Test, WhatNoEncoderWrites_IsNothing) {
  for (const char* const text :
       {"Z", "Zm9vY", "Zh", "Zm9", "Z=", "=", "====", "Zg===", "Zg==Zg==", "Z g", "Zg\n"}) {
    EXPECT_FALSE(DecodeBase64Url(text)) << text;
    EXPECT_FALSE(DecodeBase64(text)) << text;
  }
  EXPECT_FALSE(DecodeBase64Url("Zg=="));
  EXPECT_FALSE(DecodeBase64("Zm9v=")) << "five characters";
}

}  // namespace
}  // namespace pistream
