"""Reads host_packages.txt, so that a repository rule can say what to install."""

def missing_packages(rctx, table, packages):
    """Those of `packages` that this machine lacks.

    Args:
      rctx: the repository rule's context.
      table: Label of host_packages.txt.
      packages: names as in the table's second column.

    Returns:
      The missing ones, in the table's order; a package not in the table is an error.
    """
    files = {}
    for line in rctx.read(table).splitlines():
        words = [w for w in line.partition("#")[0].split(" ") if w]
        if words:
            files[words[1]] = words[2].split("|")
    for package in packages:
        if package not in files:
            fail("%s is not in %s" % (package, table))
    return [
        package
        for package in files
        if package in packages and not [f for f in files[package] if rctx.path(f).exists]
    ]

def install_hint(missing):
    """The one line that a person needs when packages are missing."""
    return "Debian packages are missing: sudo apt install %s (or run ./dev, which asks and does it)" % " ".join(missing)
