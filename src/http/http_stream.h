// The stream as the body of an HTTP response, for clients that no WebSocket serves well
// (docs/protocol.md, "The stream over HTTP").
#pragma once

#include <string>

#include "src/auth/credential.h"
#include "src/http/http_message.h"
#include "src/http/mailbox.h"
#include "src/http/request_target.h"
#include "src/http/routed.h"

namespace pistream {

// The response to GET and HEAD, for `stream`. Only GET makes a viewer, whom `credential` let in.
Routed BeginHttpStream(const HttpRequest& request, const std::string& stream, Mailboxes& mailboxes,
                       CredentialId credential);

// The response to POST: the messages are put into the mailbox that the query names, or the error.
HttpResponse TakeControlMessages(const HttpRequest& request, const RequestTarget& target,
                                 Mailboxes& mailboxes);

}  // namespace pistream
