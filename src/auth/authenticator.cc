#include "src/auth/authenticator.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "fmt/format.h"
#include "src/auth/base64.h"
#include "src/auth/digest.h"
#include "src/base/log.h"

namespace pistream {
namespace {

// Each costs an HMAC. A browser sends one for each path that has one.
constexpr size_t kMaximumCookies = 16;

// Lines of the log of a site, beside the limit of each network: who has 65536 networks must not
// fill the log. No limit is for all together, or some would hide others.
constexpr int kLineBurst = 100;
constexpr Duration kLineInterval = std::chrono::seconds(1);

constexpr char LowerCase(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// "Bearer abc" and "bearer" -> " abc". Nothing for another scheme.
std::optional<std::string_view> AfterScheme(std::string_view text, std::string_view scheme) {
  const bool is_scheme = text.size() > scheme.size() && text[scheme.size()] == ' ' &&
                         std::ranges::equal(text.substr(0, scheme.size()), scheme, {}, LowerCase);
  if (!is_scheme) {
    return std::nullopt;
  }
  text.remove_prefix(scheme.size());
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  return text.substr(0, text.find_last_not_of(' ') + 1);
}

// The secret of an Authorization header; nothing if there is none that we understand. One of Basic
// that is malformed is a wrong secret.
std::optional<std::string> SecretOf(std::string_view authorization) {
  if (const auto token = AfterScheme(authorization, "bearer")) {
    return std::string(*token);
  }
  if (const auto encoded = AfterScheme(authorization, "basic")) {
    const std::string pair = DecodeBase64(*encoded).value_or("");  // NAME:PASSWORD
    const size_t colon = pair.find(':');
    return colon == std::string::npos ? "" : pair.substr(colon + 1);
  }
  return std::nullopt;
}

}  // namespace

struct Authenticator::Keys {
  Keys(const Digest& secret, Tokens given)
      : tokens(std::move(given)),
        view(Sha256(tokens.view)),
        control(Sha256(tokens.control)),
        session(secret, tokens) {}

  // Both are compared, whatever comes of the first.
  Role RoleOf(std::string_view token) const {
    const Digest digest = Sha256(token);
    const bool is_view = AreEqual(digest, view);
    const bool is_control = AreEqual(digest, control);
    return is_control ? Role::kControl : is_view ? Role::kView : Role::kNone;
  }

  CredentialId IdOfToken() const { return IdOf("token"); }
  CredentialId IdOfCookie(Role role, uint64_t epoch) const {
    return IdOf(fmt::format("{} {}", NameOf(role), epoch));
  }

  const Tokens tokens;
  const Digest view;
  const Digest control;
  const SessionKey session;

 private:
  CredentialId IdOf(const std::string& what) const {
    std::string text(view.begin(), view.end());
    text.append(control.begin(), control.end());
    const Digest digest = Sha256(text + what);
    CredentialId id{};
    std::memcpy(&id, digest.data(), sizeof(id));
    return id;
  }
};

std::string FailureLine(std::string_view address) {
  return fmt::format("authentication failed from {}", AddressGroup(address));
}

Authenticator::Authenticator(std::optional<Tokens> tokens, std::string_view instance, Clock& clock,
                             WallClock wall_clock)
    : cookie_name_(SessionCookieName(instance)),
      wall_clock_(std::move(wall_clock)),
      failures_(clock),
      foreign_failures_(clock),
      lines_(clock, Ipv6Prefix::kSite, kLineBurst, kLineInterval) {
  SetTokens(tokens);
}

Result<void> Authenticator::KeepSessionsIn(const std::filesystem::path& file) {
  auto kept = SessionEpochs::Load(file, epochs_);
  if (const auto before = keys()) {
    SetTokens(before->tokens);  // with the secret of the file
  }
  return kept;
}

void Authenticator::SetTokens(const std::optional<Tokens>& tokens) {
  auto keys = tokens ? std::make_shared<const Keys>(epochs_.secret(), *tokens) : nullptr;
  const MutexLock lock(mutex_);
  keys_ = std::move(keys);
}

Authentication Authenticator::Authenticate(const Credentials& given) {
  const auto keys = this->keys();
  if (!keys) {
    return {.outcome = Authentication::Outcome::kGranted, .role = Role::kControl};
  }
  const Session session = SessionOfCookies(*keys, given.cookies);
  Role of_token = Role::kNone;
  bool is_wrong = false;
  bool is_misplaced = false;
  if (const auto secret = SecretOf(given.authorization)) {
    of_token = keys->RoleOf(*secret);
    is_wrong = of_token == Role::kNone;
  }
  if (given.query_token) {
    const Role of_query = keys->RoleOf(*given.query_token);
    is_wrong = is_wrong || of_query == Role::kNone;
    is_misplaced = of_query == Role::kControl;
    if (of_query == Role::kView) {
      of_token = std::max(of_token, of_query);
    }
  }
  if (const Role role = std::max(session.role, of_token); role != Role::kNone) {
    return {.outcome = Authentication::Outcome::kGranted,
            .role = role,
            .credential = of_token != Role::kNone ? keys->IdOfToken()
                                                  : keys->IdOfCookie(session.role, session.epoch)};
  }
  if (is_wrong) {
    return Refuse(given.address, given.is_of_foreign_page);
  }
  return {.outcome = is_misplaced ? Authentication::Outcome::kMisplaced
                                  : Authentication::Outcome::kNoSecret};
}

Authenticator::LogInResult Authenticator::LogIn(std::string_view token, std::string_view address,
                                                bool is_secure,
                                                const std::vector<std::string_view>& cookies) {
  const auto keys = this->keys();
  if (!keys) {
    return {
        .authentication = {.outcome = Authentication::Outcome::kGranted, .role = Role::kControl},
        .set_cookie = ""};
  }
  const Role role = keys->RoleOf(token);
  if (role == Role::kNone) {
    return {.authentication = Refuse(address, false), .set_cookie = ""};
  }
  if (const Role before = SessionOfCookies(*keys, cookies).role; before > role) {
    return {.authentication = {.outcome = Authentication::Outcome::kGranted, .role = before},
            .set_cookie = ""};
  }
  const std::string value = keys->session.Sign(
      {.role = role, .expiry = wall_clock_() + kSessionLength, .epoch = epochs_.Of(role)});
  return {.authentication = {.outcome = Authentication::Outcome::kGranted, .role = role},
          .set_cookie = SetSessionCookie(cookie_name_, value, is_secure)};
}

std::string Authenticator::LogOut(bool is_secure) const {
  return ClearSessionCookie(cookie_name_, is_secure);
}

Result<void> Authenticator::LogOutEverywhere(Role role) { return epochs_.End(role); }

ValidCredentials Authenticator::valid_credentials() const {
  const auto keys = this->keys();
  if (!keys) {
    return {};
  }
  return ValidCredentials({keys->IdOfToken(),
                           keys->IdOfCookie(Role::kView, epochs_.Of(Role::kView)),
                           keys->IdOfCookie(Role::kControl, epochs_.Of(Role::kControl))});
}

bool Authenticator::is_open() const { return keys() == nullptr; }

std::shared_ptr<const Authenticator::Keys> Authenticator::keys() const {
  const MutexLock lock(mutex_);
  return keys_;
}

Session Authenticator::SessionOfCookies(const Keys& keys,
                                        const std::vector<std::string_view>& headers) const {
  Session highest;
  size_t count = 0;
  for (const std::string_view header : headers) {
    for (const std::string_view value : CookieValues(header, cookie_name_)) {
      if (++count > kMaximumCookies) {
        return highest;
      }
      const auto session = keys.session.Verify(value);
      if (session && session->expiry > wall_clock_() &&
          session->epoch == epochs_.Of(session->role) && session->role > highest.role) {
        highest = *session;
      }
    }
  }
  return highest;
}

Authentication Authenticator::Refuse(std::string_view address, bool is_of_foreign_page) {
  std::optional<std::chrono::seconds> wait;
  bool is_logged = false;
  {
    const MutexLock lock(mutex_);
    wait = (is_of_foreign_page ? foreign_failures_ : failures_).Count(address);
    is_logged = !wait && !is_of_foreign_page && !lines_.Count(address);
  }
  if (is_logged) {
    log::Warning("{}", FailureLine(address));
  }
  return wait ? Authentication{.outcome = Authentication::Outcome::kTooMany,
                               .role = Role::kNone,
                               .retry_after = *wait}
              : Authentication{.outcome = Authentication::Outcome::kWrongSecret};
}

}  // namespace pistream
