// SHA-256 and what is made of it. A facade: OpenSSL stays in digest.cc.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace pistream {

using Digest = std::array<uint8_t, 32>;

Digest Sha256(std::string_view text);

Digest HmacSha256(std::span<const uint8_t> key, std::string_view text);

// Takes the same time whatever the digests are. To compare secrets of any length, compare their
// digests.
bool AreEqual(const Digest& one, const Digest& other);

// Fills `bytes` from the system's generator for secrets.
void FillRandomly(std::span<uint8_t> bytes);

}  // namespace pistream
