#include "src/auth/tokens.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <system_error>
#include <utility>

#include "src/auth/base64.h"
#include "src/auth/digest.h"
#include "src/auth/private_file.h"

namespace pistream {
namespace {

constexpr size_t kMaximumFile = 4096;  // bytes
constexpr size_t kRandomBytes = 16;

// What may follow "Bearer " (RFC 6750, 2.1).
constexpr std::string_view kTokenCharacters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/=";

std::string RandomToken() {
  std::array<uint8_t, kRandomBytes> bytes{};
  FillRandomly(bytes);
  return EncodeBase64Url(bytes);
}

std::string_view Trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r";
  text.remove_prefix(std::min(text.find_first_not_of(kSpace), text.size()));
  return text.substr(0, text.find_last_not_of(kSpace) + 1);
}

// `NAME = "VALUE"`, and perhaps a comment.
struct Line {
  std::string_view name;
  std::string_view value;
};

std::optional<Line> ParseLine(std::string_view text) {
  const size_t equals = text.find('=');
  if (equals == std::string_view::npos) {
    return std::nullopt;
  }
  const std::string_view value = Trimmed(text.substr(equals + 1));
  const size_t end = value.find('"', 1);
  if (!value.starts_with('"') || end == std::string_view::npos) {
    return std::nullopt;
  }
  const std::string_view rest = Trimmed(value.substr(end + 1));
  if (!rest.empty() && !rest.starts_with('#')) {
    return std::nullopt;
  }
  return Line{.name = Trimmed(text.substr(0, equals)), .value = value.substr(1, end - 1)};
}

// What is wrong with a token; nothing if it is good.
std::optional<std::string> FaultOf(std::string_view token) {
  if (token.size() < kMinimumToken || token.size() > kMaximumToken) {
    return fmt::format("the token has {} characters, not {} to {}", token.size(), kMinimumToken,
                       kMaximumToken);
  }
  if (token.find_first_not_of(kTokenCharacters) != std::string_view::npos) {
    return "a token has letters, digits and -._~+/= only";
  }
  return std::nullopt;
}

class Parser {
 public:
  explicit Parser(std::string_view name) : name_(name) {}

  Result<Tokens> Parse(std::string_view text) {
    for (int number = 1; !text.empty(); ++number) {
      const size_t end = std::min(text.find('\n'), text.size());
      const std::string_view line = Trimmed(text.substr(0, end));
      text.remove_prefix(std::min(end + 1, text.size()));
      if (line.empty() || line.starts_with('#')) {
        continue;
      }
      if (auto taken = Take(line, number); !taken) {
        return tl::unexpected(std::move(taken).error());
      }
    }
    for (const auto* const token : {&tokens_.view, &tokens_.control}) {
      if (token->empty()) {
        return FailUsage("{}: the line {} = \"...\" is missing", name_,
                         token == &tokens_.view ? "view" : "control");
      }
    }
    if (tokens_.view == tokens_.control) {
      return FailUsage("{}: both tokens are the same: who may watch could control", name_);
    }
    return std::move(tokens_);
  }

 private:
  Result<void> Take(std::string_view text, int number) {
    const auto line = ParseLine(text);
    if (!line || (line->name != "view" && line->name != "control")) {
      return FailUsage(R"({}:{}: not a line of the form view = "..." or control = "...")", name_,
                       number);
    }
    std::string& token = line->name == "view" ? tokens_.view : tokens_.control;
    if (!token.empty()) {
      return FailUsage("{}:{}: a second line {}", name_, number, line->name);
    }
    if (const auto fault = FaultOf(line->value)) {
      return FailUsage("{}:{}: {}", name_, number, *fault);
    }
    token = line->value;
    return {};
  }

  const std::string_view name_;
  Tokens tokens_;
};

}  // namespace

Tokens MakeTokens() { return {.view = RandomToken(), .control = RandomToken()}; }

std::string TokenFileText(const Tokens& tokens) {
  return fmt::format(
      "# pistream's tokens, as good as passwords: who has the first may watch, who has the second\n"
      "# may also control.\n"
      "view = \"{}\"\n"
      "control = \"{}\"\n",
      tokens.view, tokens.control);
}

Result<Tokens> ParseTokens(std::string_view text, std::string_view name) {
  return Parser(name).Parse(text);
}

Result<void> MakeTokenFile(const std::filesystem::path& path) {
  std::error_code unreadable;
  if (std::filesystem::exists(path, unreadable)) {
    return Fail(
        "there is a file {} already: start pistream with --auth-tokens {}, or remove it first",
        path.string(), path.string());
  }
  return CreatePrivateFile(path, TokenFileText(MakeTokens()));
}

Result<Tokens> ReadTokenFile(const std::filesystem::path& path) {
  const auto text = ReadPrivateFile(path, Readers::kOwnerOrService, kMaximumFile);
  if (!text) {
    return FailUsage("{}", text.error().message);
  }
  if (!*text) {
    return FailUsage("there is no file {}: pistream --make-tokens {} makes it", path.string(),
                     path.string());
  }
  return ParseTokens(**text, path.string());
}

}  // namespace pistream
