#!/usr/bin/python3
"""What a module says about itself; that it can be loaded is for camera_virtual_pi_vimc_test."""
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.getcwd(), "e2e/targets/virtual_pi"))
import kernel_module  # pylint: disable=wrong-import-position

EXPORTED = {
    "kfree": ("0x11111111", "vmlinux"),
    "module_layout": ("0x22222222", "vmlinux"),
    "vb2_read": ("0x33333333", "drivers/media/common/videobuf2/videobuf2-common"),
    "v4l2_open": ("0x44444444", "drivers/media/v4l2-core/videodev"),
}


class MetadataTest(unittest.TestCase):
    def test_needed_symbols_come_with_their_checksums(self):
        source = kernel_module.metadata({"kfree"}, EXPORTED)
        self.assertIn('{0x11111111, "kfree"}', source)
        self.assertNotIn("vb2_read", source)

    def test_layout_of_modules_is_always_checked(self):
        self.assertIn('{0x22222222, "module_layout"}', kernel_module.metadata(set(), EXPORTED))

    def test_depends_on_the_modules_it_needs_not_on_the_kernel(self):
        source = kernel_module.metadata({"kfree", "vb2_read", "v4l2_open"}, EXPORTED)
        self.assertIn('MODULE_INFO(depends, "videobuf2-common,videodev");', source)

    def test_symbol_that_nobody_exports_fails_by_name(self):
        with self.assertRaisesRegex(SystemExit, "the kernel does not export vfree"):
            kernel_module.metadata({"kfree", "vfree"}, EXPORTED)


if __name__ == "__main__":
    unittest.main()
