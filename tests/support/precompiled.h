// What every test begins with, compiled once; as src/base/precompiled.h.
#pragma once

#include <future>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "src/base/precompiled.h"
