// The responses of `session`: who one is, logging in and out (docs/protocol.md, "Logging in").
#pragma once

#include <string_view>
#include <vector>

#include "src/auth/authenticator.h"
#include "src/auth/role.h"
#include "src/http/forwarded.h"
#include "src/http/http_message.h"

namespace pistream {

// The values of the Cookie headers. Valid as long as `request`.
std::vector<std::string_view> CookiesOf(const HttpRequest& request);

// The response to GET: the role, as JSON; 401 for kNone.
HttpResponse DescribeSession(Role role, bool is_open);

// The response to POST, whose body is the token: as text, a form, or JSON.
HttpResponse LogIn(const HttpRequest& request, const Sender& sender, Authenticator& authenticator);

// The response to DELETE: the browser forgets its cookie.
HttpResponse LogOut(const Sender& sender, const Authenticator& authenticator);

// The same for all browsers with `role`, and those with less. Blocks.
HttpResponse LogOutEverywhere(const Sender& sender, Role role, Authenticator& authenticator);

// 401, 403 or 429: a request of who is `authentication` needs more than his role.
HttpResponse RefuseRole(const Authentication& authentication);

}  // namespace pistream
