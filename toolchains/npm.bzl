"""What is taken from npm: node_modules as one directory, made by `npm ci` from a lock file."""

_BUILD = """
package(default_visibility = ["//visibility:public"])

# One source directory, not a glob: Bazel need not look at thousands of files on every build. The
# lock file beside it, which has a checksum for every package, is what tells that it has changed.
filegroup(
    name = "modules",
    srcs = [
        "node_modules",
        "package-lock.json",
    ],
)

# For $(location): the folder alone.
exports_files(["node_modules"])
"""

_TIMEOUT_S = 900

def _npm_modules_impl(repository_ctx):
    lock = repository_ctx.path(repository_ctx.attr.package_lock)
    for file in [lock, lock.dirname.get_child("package.json")]:
        repository_ctx.file(file.basename, repository_ctx.read(file), executable = False)
    npm = repository_ctx.which("npm")
    if npm == None:
        fail("npm is missing: sudo apt install npm")
    result = repository_ctx.execute(
        [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
        timeout = _TIMEOUT_S,
    )
    if result.return_code != 0:
        fail("npm ci for {}:\n{}{}".format(lock, result.stdout, result.stderr))

    # Bazel takes a source directory for changed when its time is.
    repository_ctx.execute(["touch", "-d", "@0", "node_modules"])
    repository_ctx.file("BUILD.bazel", _BUILD, executable = False)

npm_modules = repository_rule(
    implementation = _npm_modules_impl,
    attrs = {
        "package_lock": attr.label(
            mandatory = True,
            allow_single_file = True,
            doc = "A package-lock.json; package.json is beside it.",
        ),
    },
    environ = [
        "HOME",
        "PATH",
    ],
    doc = "Runs no package's scripts. @name//:modules are the files, @name//:node_modules the folder.",
)
