#!/bin/sh
# A C compiler whose linker has no -Bno-symbolic, as binutils before 2.37.
for argument; do
    case $argument in *-Bno-symbolic*) echo "ld: unrecognized option '-Bno-symbolic'" >&2; exit 1 ;; esac
done
exec gcc "$@"
