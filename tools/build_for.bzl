"""Builds a target for another platform, as data of a test."""

load(":platform_transition.bzl", "PLATFORM_ATTRS", "to_platform")

def _build_for_impl(ctx):
    return [DefaultInfo(files = depset(transitive = [t[DefaultInfo].files for t in ctx.attr.targets]))]

build_for = rule(
    implementation = _build_for_impl,
    attrs = dict(
        PLATFORM_ATTRS,
        targets = attr.label_list(cfg = to_platform, mandatory = True),
    ),
)
