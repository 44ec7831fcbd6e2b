"""What a Pi's owner installs for pistream, see README.md."""

PI_LIBRARY_FOLDER = "usr/lib/aarch64-linux-gnu"

# Paths in the unpacked packages, as patterns.
PI_LIBRARIES = [PI_LIBRARY_FOLDER + "/" + library for library in [
    "libavcodec.so.[0-9]*",
    "libcamera.so.[0-9]*",
    "libssl.so.[0-9]*",
    "libstdc++.so.6",
    "libswscale.so.[0-9]*",
]]
