#!/usr/bin/env bash
# Every row of the contract, from C, against the .so and the .a; TAP.
#
#   ctests/contract/contract.sh                    cargo's libraries, and Meson's
#   ctests/contract/contract.sh --rows DIR | --interposition DIR
#                                      one part, with DIR's .so and, for the second, .a
. "$(dirname "${BASH_SOURCE[0]}")/../lib/lib.sh"
need gcc clang libc6-dev libcmocka-dev libnl-route-3-dev python3 python3-docutils util-linux valgrind

work=$(mktemp -d)
# An ordinary user runs some of it.
chmod 755 "$work"
trap 'rm -rf "$work"' EXIT
strict=(-std=gnu11 -O1 -g -Wall -Wextra -Werror -I"$top/include" -I"$top/ctests/contract")

# tap NAME COMMAND...: a cmocka program's tests, under NAME; one that dies is a failure too.
tap() {
    local name=$1 status=0 out
    shift
    out=$(CMOCKA_MESSAGE_OUTPUT=TAP "$@" 2>&1) || status=$?
    # cmocka ends its group with a comment that is no result.
    sed -n "/^# \(ok\|not ok\) - /d; s/^\(not ok\|ok\) [0-9]* - /\1 - $name: /p; /^# /p" <<<"$out"
    if [ "$status" != 0 ] && ! grep -q '^not ok' <<<"$out"; then not_ok "$name: ends with status $status" "$out"; fi
}

# --- the rows, and what is sent -------------------------------------------------------------------

# rows DIR NAME KIND...: the tests against DIR's .so or .a.
rows() {
    local kind library dir=$1 name=$2 c=$top/ctests/contract
    shift 2
    for kind; do
        library=$dir/libvirnetdevvf.$kind
        [ "$kind" = a ] || library=$dir/libvirnetdevvf.so.0
        gcc "${strict[@]}" -o "$work/contract" "$c"/contract*.c "$c"/fake*.c "$library" -lcmocka
        gcc "${strict[@]}" -o "$work/bytes" "$c"/bytes.c "$c"/fake*.c "$library" -lcmocka
        gcc "${strict[@]}" -o "$work/kernel" "$c"/kernel.c "$library" -lcmocka
        export LD_LIBRARY_PATH=$work/lib
        rm -rf "${work:?}/lib" && mkdir "$work/lib" && cp "$dir/libvirnetdevvf.so.0" "$work/lib"
        rm -f "$work/messages"
        VIRNETDEVVF_MESSAGES=$work/messages tap "$name .$kind" "$work/contract"
        python3 "$top/ctests/contract/messages.py" "$name .$kind" "$work/messages" "$top" || not_ok "$name .$kind: messages"
        tap "$name .$kind" "$work/bytes"
        if [ "$kind" = so ]; then
            gcc "${strict[@]}" -o "$work/wrapped" "$c"/wrapped.c "$c"/fake*.c "$library" -lcmocka
            tap "$name .$kind, wrapped" "$work/wrapped"
        fi
        tap "$name .$kind, this kernel" "$work/kernel"
        if [ "$(id -u)" = 0 ]; then
            tap "$name .$kind, this kernel, as nobody" \
                setpriv --reuid=65534 --regid=65534 --clear-groups --bounding-set=-all --inh-caps=-all "$work/kernel"
        fi
        unset LD_LIBRARY_PATH
    done
}

# --- interposition --------------------------------------------------------------------------------

# interposition DIR NAME: each pair of caller and callee, in the .so and with the .a inside another .so.
interposition() {
    local c=$top/ctests/contract dir=$1 name=$2 way caller callee got
    mkdir -p "$work/so" "$work/whole" "$work/plain"
    cp "$dir/libvirnetdevvf.so.0" "$work/so/libvirnetdevvf.so.0"
    gcc -shared -o "$work/whole/libvirnetdevvf.so.0" -Wl,-soname,libvirnetdevvf.so.0 \
        -Wl,--whole-archive "$dir/libvirnetdevvf.a" -Wl,--no-whole-archive
    # What libvirt.so does: something in it refers to the archive's functions.
    gcc -shared -o "$work/plain/libvirnetdevvf.so.0" -Wl,-soname,libvirnetdevvf.so.0 -Wl,-u,virNetDevSetVfConfig \
        "$dir/libvirnetdevvf.a"
    for way in so whole plain; do
        export LD_LIBRARY_PATH=$work/$way
        gcc "${strict[@]}" -o "$work/own" "$c/interposes.c" "$work/$way/libvirnetdevvf.so.0"
        while read -r callee callers; do
            gcc "${strict[@]}" "-DINTERPOSE_$callee" -o "$work/defines" "$c/interposes.c" "$c/interposed.c" \
                "$work/$way/libvirnetdevvf.so.0"
            gcc "${strict[@]}" "-DINTERPOSE_$callee" -shared -fPIC -o "$work/preload.so" "$c/interposed.c"
            for caller in $callers; do
                got="$("$work/own" "$caller") $("$work/defines" "$caller") $(LD_PRELOAD=$work/preload.so "$work/own" "$caller")"
                if [ "$got" = "own interposed interposed" ]; then
                    ok "$name $way: $caller calls whoever defines $callee"
                else
                    not_ok "$name $way: $caller calls whoever defines $callee" \
                        "alone, defined by the program, preloaded: $got"
                fi
            done
        done <<'PAIRS'
SEND mac vlan config-mac config-vlan
MAC config-mac
VLAN config-vlan
PAIRS
        unset LD_LIBRARY_PATH
    done
}

case ${1-} in
--rows)
    rows "$2" given so
    exit
    ;;
--interposition)
    interposition "$2" given
    exit
    ;;
esac
for source in $(git -C "$top" ls-files "ctests/*.c" | grep -v -e ctests/guest/dpu -e many-vfs/many.c) "$top"/tools/*.c "$top"/ctests/consumer/*.c; do
    # shellcheck disable=SC2046  # options, one a word
    try "clang has no warning for $(basename "$source")" clang "${strict[@]}" $(pkg-config --cflags libnl-route-3.0) -fsyntax-only "$source"
done
build_library
rows "$target/release" cargo so a
interposition "$target/release" cargo
build=$(meson_build)
rows "$build" meson so a
interposition "$build" meson
