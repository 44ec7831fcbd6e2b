#!/usr/bin/python3
"""Builds a module for Debian's arm64 kernel out of its headers, with the project's own compiler.

What the kernel's build system would do, without it: it wants Debian's cross compiler and programs for
the host. The options are those of arch/arm64/Makefile and the kernel's Makefile that a module's code
depends on; the part that modpost writes (scripts/mod/modpost.c) is written here.
"""
import argparse
import concurrent.futures
import glob
import os
import re
import subprocess
import sys
import tempfile

# The kernel has its own of everything, in C with GNU's extensions, and no floating point.
OPTIONS = """
--target=aarch64-linux-gnu -nostdinc -std=gnu11 -O2 -w
-fno-builtin-bcmp -fno-common -fno-delete-null-pointer-checks -fno-PIE -fno-strict-aliasing
-fno-strict-overflow -fno-asynchronous-unwind-tables -fno-unwind-tables -fshort-wchar -funsigned-char
-mbranch-protection=none -mgeneral-regs-only -mno-outline-atomics
-D__KERNEL__ -DMODULE -DKASAN_SHADOW_SCALE_SHIFT= -DARM64_ASM_ARCH="armv8.5-a" -Wa,-march=armv8.5-a
""".split()

INCLUDED_FIRST = ("linux/compiler-version.h", "linux/kconfig.h", "linux/compiler_types.h")


class Headers:
    """What Debian's packages linux-headers-* have, unpacked."""

    def __init__(self, root):
        (self.built,) = glob.glob(root + "/usr/src/linux-headers-*-arm64")
        (self._common,) = glob.glob(root + "/usr/src/linux-headers-*-common")

    def options(self):
        folders = []
        for sub in ("arch/arm64/include", "include"):
            folders += [f"{self._common}/{sub}", f"{self.built}/{sub}/generated", f"{self.built}/{sub}"]
        for sub in ("arch/arm64/include/uapi", "arch/arm64/include/generated/uapi", "include/uapi"):
            folders += [f"{self._common}/{sub}", f"{self.built}/{sub}"]
        folders.append(f"{self.built}/include/generated/uapi")
        first = [word for name in INCLUDED_FIRST for word in ("-include", f"{self._common}/include/{name}")]
        return [f"-I{folder}" for folder in folders] + first

    def exported(self):
        """{symbol: (checksum of its type, the module it is in or vmlinux)}"""
        with open(self.built + "/Module.symvers", encoding="utf-8") as file:
            rows = [line.split("\t") for line in file]
        return {row[1]: (row[0], row[2]) for row in rows}

    def linker_script(self):
        return self.built + "/arch/arm64/module.lds"


def metadata(symbols, exported):
    """C source of what a module says about itself: `symbols`, undefined ones, are what it needs."""
    missing = sorted(symbols - exported.keys())
    if missing:
        sys.exit(f"kernel_module.py: the kernel does not export {', '.join(missing)}")
    modules = sorted({os.path.basename(exported[symbol][1]) for symbol in symbols} - {"vmlinux"})
    needed = sorted(symbols | {"module_layout"})
    return "\n".join(
        [
            "#include <linux/module.h>",
            "#include <linux/export-internal.h>",
            "#define INCLUDE_VERMAGIC",
            "#include <linux/vermagic.h>",
            "MODULE_INFO(vermagic, VERMAGIC_STRING);",
            "MODULE_INFO(name, KBUILD_MODNAME);",
            f'MODULE_INFO(depends, "{",".join(modules)}");',
            '__visible struct module __this_module __section(".gnu.linkonce.this_module") = {',
            "  .name = KBUILD_MODNAME, .init = init_module, .exit = cleanup_module, .arch = MODULE_ARCH_INIT,",
            "};",
            'static const struct modversion_info versions[] __used __section("__versions") = {',
            *(f'  {{{exported[symbol][0]}, "{symbol}"}},' for symbol in needed),
            "};",
            "",
        ]
    )


class Build:
    def __init__(self, options, folder):
        self._name, self._llvm, self._folder = options.name, options.llvm, folder
        self._headers = Headers(options.headers)
        self._include = [f"-I{each}" for each in options.include]

    def compile(self, source):
        base = re.sub(r"\W", "_", os.path.splitext(os.path.basename(source))[0])
        compiled = f"{self._folder}/{base}.o"
        names = [f"-DKBUILD_{key}={value}" for key, value in self._names(base).items()]
        self._run("clang", *OPTIONS, *self._headers.options(), *self._include, *names, "-c", source, "-o", compiled)
        return compiled

    def link(self, objects, output, *options):
        self._run("ld.lld", "-r", *options, *objects, "-o", output)
        return output

    def undefined(self, compiled):
        listing = self._run("llvm-nm", "--undefined-only", "--format=just-symbols", compiled)
        return set(listing.split()) - {"__this_module"}

    def module(self, sources, output):
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            objects = list(pool.map(self.compile, sources))
        code = self.link(objects, f"{self._folder}/code.o")
        described = f"{self._folder}/{self._name}.mod.c"
        with open(described, "w", encoding="utf-8") as file:
            file.write(metadata(self.undefined(code), self._headers.exported()))
        self.link([code, self.compile(described)], output, "-T", self._headers.linker_script())

    def _names(self, base):
        return {"BASENAME": f'"{base}"', "MODNAME": f'"{self._name}"', "MODFILE": f'"{self._name}"'}

    def _run(self, tool, *arguments):
        result = subprocess.run([f"{tool}-{self._llvm}", *arguments], capture_output=True, text=True, check=False)
        if result.returncode != 0:
            sys.exit(f"kernel_module.py: {tool} fails:\n{result.stderr}")
        return result.stdout


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--headers", required=True, help="unpacked packages linux-headers-*")
    parser.add_argument("--include", action="append", default=[], help="a folder of the sources' headers")
    parser.add_argument("--llvm", default="19", help="the tools' version")
    parser.add_argument("--name", required=True, help="the module's")
    parser.add_argument("output")
    parser.add_argument("source", nargs="+")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        Build(options, folder).module(options.source, options.output)


if __name__ == "__main__":
    main()
