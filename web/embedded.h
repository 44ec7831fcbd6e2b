// The page and the player, built into the program: one file to copy to a Pi.
#pragma once

#include <span>

#include "src/http/asset.h"

namespace pistream::web {

std::span<const Asset> EmbeddedAssets();

}  // namespace pistream::web
