// What the emulator prints: a line of JSON for each event.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "e2e/links/link.h"
#include "e2e/links/profile.h"

namespace pistream::links {

// {"profiles": [...]}: the profiles as they were read, times in seconds.
std::string ToJson(const std::vector<LinkProfile>& profiles);

// {"counters": [{"name", "down", "up"}, ...]}, one for each link.
std::string CountersToJson(const std::vector<Link>& links);

// In quotes.
std::string Quoted(std::string_view text);

}  // namespace pistream::links
