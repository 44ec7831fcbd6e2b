// Base64 and base64url (RFC 4648, 4 and 5).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace pistream {

// In base64url, without padding.
std::string EncodeBase64Url(std::span<const uint8_t> bytes);

// Nothing for other characters, a length that is not possible, and bits that no encoder writes: two
// different texts never give the same bytes.
std::optional<std::string> DecodeBase64Url(std::string_view text);

// The same for base64; the padding may be missing.
std::optional<std::string> DecodeBase64(std::string_view text);

}  // namespace pistream
