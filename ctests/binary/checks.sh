# shellcheck shell=bash
# Tests of a finished library, for ctests/binary/elf.sh, ctests/matrix and ctests/package. Source this file after
# lib.sh, from the top of the tree; `work` is a directory to write to. The same tests with pyelftools are longer.

# same EXPECTED GOT
same() { diff <(printf '%s\n' "$1") <(printf '%s\n' "$2"); }
# lacks PATTERN TEXT, has PATTERN TEXT: both fail if TEXT is empty, because the command that prints TEXT failed then.
lacks() { [ -n "$2" ] && finds_nothing grep -E "$1" <<<"$2"; }
has() { grep -qE "$1" <<<"$2"; }

exports=$(sed -n 's/^ *\(virNetDev[A-Za-z]*\);$/\1/p' src/link/libvirnetdevvf.map | LC_ALL=C sort)

# Without two parts of glibc: ld-linux, which has __tls_get_addr for thread-local memory, and libdl before 2.34.
needed() { readelf -dW "$1" | sed -n 's/.*NEEDED.*\[\(.*\)\]/\1/p' | grep -vE '^(ld-linux|libdl\.)' | LC_ALL=C sort; }
# Prints the executable segments and the sections in each.
executable() {
    readelf -lW "$1" | awk '/^  [A-Z_]+ +0x/ { flags[n++] = $1 == "LOAD" && / R?W?E +0x|R E/ }
        /^   [0-9][0-9] / && flags[$1 + 0]'
}
# made_right NAME LIBRARY NEEDED: tests our shared library, which must depend on NEEDED only.
made_right() {
    local name="$1:" library=$2 dynamic callee
    dynamic=$(readelf -dW "$library")
    # nm prints the version of a name after an @.
    try "$name exports the names of the map, unversioned, and nothing else" \
        same "$exports" "$(nm -D --defined-only "$library" | awk '$2 != "A" { print $3 }' | LC_ALL=C sort)"
    try "$name its SONAME is libvirnetdevvf.so.0" has 'SONAME.*\[libvirnetdevvf\.so\.0\]' "$dynamic"
    try "$name RELRO" has GNU_RELRO "$(readelf -lW "$library")"
    try "$name BIND_NOW" has 'BIND_NOW|Flags:.*NOW' "$dynamic"
    try "$name no executable stack" has 'GNU_STACK.* RW ' "$(readelf -lW "$library")"
    # Read-only data must not be executable: an attacker could jump to it.
    try "$name no data in an executable segment" lacks ' \.(rodata|eh_frame|dynstr)' "$(executable "$library")"
    try "$name the code is in an executable segment" has ' \.text' "$(executable "$library")"
    try "$name no text relocations" lacks 'TEXTREL' "$dynamic"
    try "$name not linked -Bsymbolic" lacks 'SYMBOLIC' "$dynamic"
    try "$name needs only ${3//$'\n'/ }" same "$3" "$(needed "$library")"
    # Interposable calls go through addresses that the dynamic linker fills in, by name (src/capi/interpose.rs).
    for callee in virNetDevSendVfSetLinkRequest virNetDevSetVfMac virNetDevSetVfVlan; do
        try "$name $callee is called through its dynamic symbol" has "$callee" \
            "$(readelf -rW "$library" | awk '{ print $3, $5 }' | grep -E '_(64|ABS64|32) ' || true)"
    done
}
# no_panic FILE: fails if the file has a function of core or std that panics, and prints its callers.
no_panic() {
    local names panics='panick|rust_panic|begin_unwind|panic_(fmt|impl|handler|nounwind|bounds)|(unwrap|expect)_failed'
    names=$(nm -C "$1" 2>/dev/null | grep -E "$panics" || true)
    [ -n "$names" ] || return 0
    printf 'functions that panic:\n%s\ntheir callers:\n' "$names"
    objdump -drC --no-show-raw-insn "$1" | awk '/^[0-9a-f]+ <.*>:$/ { sub(/^[0-9a-f]+ /, ""); from = $0 }
        /(call|jmp|R_[A-Z0-9_]+).*(panick|rust_panic|panic_|unwrap_failed|expect_failed)/ &&
            from !~ /panic|^<(std|core)::/ { print "  " from, $NF }' | sort -u
    return 1
}

# archive_right NAME ARCHIVE: tests our archive.
archive_right() {
    try "$1: the archive defines the names of the map and nothing else" \
        same "$exports" "$(nm --defined-only -g "$2" | awk 'NF == 3 { print $3 }' | LC_ALL=C sort)"
    try "$1: no panic in the archive" no_panic "$2"
}
