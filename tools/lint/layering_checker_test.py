#!/usr/bin/python3
"""layering.py reports violations, and nothing else."""
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True
import layering  # noqa: E402


class Layering(unittest.TestCase):
    def assert_fault(self, path, line, why):
        faults = layering.check_file(path, "// A comment.\n" + line + "\n")
        self.assertEqual(len(faults), 1, faults)
        self.assertIn(why, faults[0])
        self.assertIn(path + ":2:", faults[0])

    def assert_clean(self, path, line):
        self.assertEqual(layering.check_file(path, line + "\n"), [])

    def test_asio_outside_net(self):
        self.assert_fault("src/app/a.cc", "#include <boost/asio/post.hpp>", "src/net")
        self.assert_clean("src/net/a.h", "#include <boost/asio/post.hpp>")
        self.assert_clean("src/server/a.h", "#include <boost/asio/post.hpp>")

    def test_ffmpeg_in_header(self):
        self.assert_fault("src/encode/a.h", "  #  include <libavcodec/avcodec.h>", ".cc files")
        self.assert_clean("src/encode/a.cc", "#include <libavcodec/avcodec.h>")

    def test_libcamera_and_spdlog_in_header(self):
        self.assert_fault("src/camera/libcamera/a.h", "#include <libcamera/camera.h>", ".cc files")
        self.assert_fault("src/camera/a.cc", "#include <libcamera/camera.h>", "libcamera/")
        self.assert_fault("src/base/log.h", "#include <spdlog/spdlog.h>", ".cc files")

    def test_gtest_outside_tests(self):
        self.assert_fault("src/base/a.h", '#include "gtest/gtest.h"', "for tests")
        self.assert_clean("tests/unit/base/a.cc", '#include "gtest/gtest.h"')

    def test_include_not_from_root(self):
        self.assert_fault("src/base/a.cc", '#include "error.h"', "relative to the repository")

    def test_build_file_without_the_projects_macros(self):
        self.assert_fault("src/base/BUILD.bazel", "cc_library(", "pistream_cc_")
        self.assert_clean("src/base/BUILD.bazel", "pistream_cc_library(")


if __name__ == "__main__":
    unittest.main()
