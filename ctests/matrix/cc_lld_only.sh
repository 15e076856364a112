#!/bin/sh
# A C compiler of a toolchain that has lld and no GNU ld.
for argument; do [ "$argument" != -fuse-ld=bfd ] || exit 1; done
exec gcc -fuse-ld=lld "$@"
