#!/bin/sh
# gcc with another linker. LLD_ONLY=yes: lld, and no GNU ld. Otherwise: a linker that does not know -Bno-symbolic, like
# binutils before 2.37.
for argument; do
    case ${LLD_ONLY-}$argument in
    yes-fuse-ld=bfd) exit 1 ;;
    -Wl,-Bno-symbolic) echo "ld: unrecognized option '-Bno-symbolic'" >&2; exit 1 ;;
    esac
done
exec gcc ${LLD_ONLY:+-fuse-ld=lld} "$@"
