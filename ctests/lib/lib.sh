# shellcheck shell=bash
# For each script in ctests: sets the directories, and sources the other files here. It runs nothing by itself.

set -euo pipefail

# Python writes no bytecode beside the scripts.
export PYTHONDONTWRITEBYTECODE=1
# depmod and modprobe are in these directories, which are not in an ordinary user's PATH.
PATH=$PATH:/usr/sbin:/sbin

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# Downloads and what is built from them; never inside the tree.
cache=${XDG_CACHE_HOME:-${HOME:-/var/tmp}/.cache}/virnetdevvf
# What is built from this tree.
target=${CARGO_TARGET_DIR:-$top/target}
mkdir -p "$cache"

# Standard output is only for TAP.
step() { printf '== %s\n' "$*" >&2; }
die() {
    printf '%s: %s\n' "$(basename "$0")" "$*" >&2
    exit 1
}

. "$top/ctests/lib/tap.sh"
. "$top/ctests/lib/apt.sh"
. "$top/ctests/lib/root.sh"
. "$top/ctests/lib/build.sh"
