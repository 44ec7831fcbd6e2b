"""Stands in for the repository with the program by which `bazel mod tidy` would edit MODULE.bazel."""

_empty = repository_rule(implementation = lambda rctx: rctx.file("BUILD.bazel", executable = False))

buildozer_binary = module_extension(implementation = lambda _mctx: _empty(name = "buildozer_binary"))
