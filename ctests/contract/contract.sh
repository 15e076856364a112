#!/usr/bin/env bash
# Tests each row of the contract from C, with one build; what depends on linking, with each build; TAP.
#
#   ctests/contract/contract.sh                        all rows: Meson's .so; linking: its .so and .a, and cargo's
#   VIRNETDEVVF_PATTERN=V4_ ctests/contract/contract.sh    only tests with V4_ in their names
#   ctests/contract/contract.sh --programs SO DIR      no test: builds in DIR the programs that have the rows, with SO
#   ctests/contract/contract.sh --rows DIR KIND...     only the rows, with DIR's .so or .a: KIND is so or a
#   ctests/contract/contract.sh --interposition DIR    only interposition, with DIR's .so and .a
. "$(dirname "${BASH_SOURCE[0]}")/../lib/lib.sh"
need gcc clang libc6-dev libcmocka-dev libnl-route-3-dev python3 python3-docutils util-linux valgrind

work=$(mktemp -d)
# The user nobody runs a program there.
chmod 755 "$work"
trap 'rm -rf "$work"' EXIT
c=$top/ctests/contract
strict=(-std=gnu11 -O1 -g -Wall -Wextra -Werror -I"$top/include" -I"$c")
# The test programs read this variable, too (pattern.h).
pattern=${VIRNETDEVVF_PATTERN-}
wanted() { [[ $1 == *"$pattern"* ]]; }

# tap NAME COMMAND...: runs a cmocka program; the names of its results start with NAME.
tap() { CMOCKA_MESSAGE_OUTPUT=TAP results "$1: " "${@:2}"; }

# --- the rows, and what is sent -------------------------------------------------------------------

# programs LIBRARY DIR: builds the programs with the rows. The last one replaces functions, which needs a .so.
programs() {
    gcc "${strict[@]}" -o "$2/contract" "$c"/contract*.c "$c"/fake*.c "$1" -lcmocka
    gcc "${strict[@]}" -o "$2/bytes" "$c"/bytes.c "$c"/fake*.c "$1" -lcmocka
    gcc "${strict[@]}" -o "$2/kernel" "$c"/kernel.c "$1" -lcmocka
    [[ $1 == *.a ]] || gcc "${strict[@]}" -o "$2/wrapped" "$c"/wrapped.c "$c"/fake*.c "$1" -lcmocka
}

# linked DIR KIND: builds those programs with DIR's .so or .a.
linked() {
    local library=$1/libvirnetdevvf.$2
    [ "$2" = a ] || library=$1/libvirnetdevvf.so.0
    programs "$library" "$work"
    export LD_LIBRARY_PATH=$work/lib
    rm -rf "${work:?}/lib" && mkdir "$work/lib"
    [ "$2" = a ] || cp "$library" "$work/lib"
}

# tap_linked NAME: the tests that may depend on how the library is linked.
tap_linked() {
    [[ $1 == *.a ]] || tap "$1, wrapped" "$work/wrapped"
    tap "$1, this kernel" "$work/kernel"
}

# rows DIR NAME KIND...: all tests, with DIR's .so, its .a, or both.
rows() {
    local kind dir=$1 name=$2
    shift 2
    for kind; do
        linked "$dir" "$kind"
        rm -f "$work/messages"
        VIRNETDEVVF_MESSAGES=$work/messages tap "$name .$kind" "$work/contract"
        # Only all rows together make all messages. With such a pattern all rows run (pattern.h).
        if [[ -z $pattern || $pattern == *[\ :]* ]]; then
            results "" python3 "$top/ctests/contract/messages.py" "$name .$kind" "$work/messages" "$top"
        fi
        tap "$name .$kind" "$work/bytes"
        tap_linked "$name .$kind"
        if [ "$(id -u)" = 0 ]; then
            tap "$name .$kind, this kernel, as nobody" \
                setpriv --reuid=65534 --regid=65534 --clear-groups --bounding-set=-all --inh-caps=-all "$work/kernel"
        fi
        unset LD_LIBRARY_PATH
    done
}

# --- interposition --------------------------------------------------------------------------------

# interposition DIR NAME: each pair of caller and callee, with the .so, and with the .a in another .so.
interposition() {
    local dir=$1 name=$2 way caller callee function got title
    mkdir -p "$work/so" "$work/whole" "$work/plain"
    cp "$dir/libvirnetdevvf.so.0" "$work/so/libvirnetdevvf.so.0"
    gcc -shared -o "$work/whole/libvirnetdevvf.so.0" -Wl,-soname,libvirnetdevvf.so.0 \
        -Wl,--whole-archive "$dir/libvirnetdevvf.a" -Wl,--no-whole-archive
    # As in libvirt.so: it refers to a function of the archive.
    gcc -shared -o "$work/plain/libvirnetdevvf.so.0" -Wl,-soname,libvirnetdevvf.so.0 -Wl,-u,virNetDevSetVfConfig \
        "$dir/libvirnetdevvf.a"
    for way in so whole plain; do
        export LD_LIBRARY_PATH=$work/$way
        gcc "${strict[@]}" -o "$work/own" "$c/interposes.c" "$work/$way/libvirnetdevvf.so.0"
        while read -r callee function callers; do
            gcc "${strict[@]}" "-DINTERPOSED=$function" -o "$work/defines" "$c/interposes.c" "$c/interposed.c" \
                "$work/$way/libvirnetdevvf.so.0"
            gcc "${strict[@]}" "-DINTERPOSED=$function" -shared -fPIC -o "$work/preload.so" "$c/interposed.c"
            for caller in $callers; do
                title="$name $way: $caller calls whoever defines $callee"
                wanted "$title" || continue
                got="$("$work/own" "$caller") $("$work/defines" "$caller")"
                got+=" $(LD_PRELOAD=$work/preload.so "$work/own" "$caller")"
                # The library's own function; one that the program defines; one that is preloaded.
                try "$title" diff <(echo "$got") <(echo own interposed interposed)
            done
        done <<'PAIRS'
SEND virNetDevSendVfSetLinkRequest mac vlan config-mac config-vlan
MAC virNetDevSetVfMac config-mac
VLAN virNetDevSetVfVlan config-vlan
PAIRS
        unset LD_LIBRARY_PATH
    done
}

case ${1-} in
--rows)
    rows "$2" given "${@:3}"
    done_testing
    exit
    ;;
--programs)
    mkdir -p "$3"
    programs "$2" "$3"
    exit
    ;;
--interposition)
    interposition "$2" given
    done_testing
    exit
    ;;
esac
# Without kernel modules, and without what is compiled only with musl.
sources=$(git -C "$top" ls-files "ctests/*.c" | grep -v -e machine/dpu -e many-vfs/many.c -e matrix/musl.c)
for source in $sources "$top"/tools/*.c "$top"/ctests/consumer/*.c; do
    title="clang has no warning for $(basename "$source")"
    wanted "$title" || continue
    # shellcheck disable=SC2046  # each word is an option
    try "$title" clang "${strict[@]}" $(pkg-config --cflags libnl-route-3.0) -fsyntax-only "$source"
done
build=$(meson_build)
rows "$build" meson so
interposition "$build" meson
build_library
interposition "$target/release" cargo
for library in "$build meson a" "$target/release cargo so" "$target/release cargo a"; do
    read -r dir name kind <<<"$library"
    linked "$dir" "$kind"
    tap_linked "$name .$kind"
done
done_testing
