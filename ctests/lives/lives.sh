#!/usr/bin/env bash
# Real libvirt starts and stops guests on VFs for a long time, in an order that a seed decides: without the library,
# and with the library preloaded. After each step, the VFs are compared with what they must have (rules.py).
#
#   ctests/lives/lives.sh VERSION [--seed N] [--steps N]     9.0.0, 11.3.0 or sid; the table of violations
#   ctests/lives/lives.sh VERSION --walk FILE                the steps of FILE (a line each)
#   ctests/lives/lives.sh VERSION --tap [...]                as tests
. "$(dirname "${BASH_SOURCE[0]}")/../lib/lib.sh"

usage="usage: lives 9.0.0 | 11.3.0 | sid [--tap] [--seed N] [--steps N] [--walk FILE]"
version=${1-} how=table seed=1 steps=1000 walk=''
case $version in 9.0.0 | 11.3.0 | sid) shift ;; *) die "$usage" ;; esac
while [ $# -gt 0 ]; do
    case $1 in
    --tap) how=tap && shift ;;
    --seed) seed=$2 && shift 2 ;;
    --steps) steps=$2 && shift 2 ;;
    --walk) walk=$(realpath -e "$2") && shift 2 ;;
    *) die "$usage" ;;
    esac
done
need python3
library=$(installed_library)/lib/libvirnetdevvf.so.0
root=$("$top/ctests/libvirt/root.sh" "$version")
work=$target/lives/$version
mkdir -p "$work"
python3 "$top/ctests/lives/steps.py" "$seed" "$steps" >"$work/steps"
[ -z "$walk" ] || cp "$walk" "$work/steps"
walk() {
    "$top/ctests/guest/run.sh" --kernel 6.12 --memory 2560 --iommu --limit 5400 --root "$root" \
        /usr/bin/python3 "$top/ctests/lives/walk.py" "$1" "$work/steps"
}
# Both at a time: each has one processor.
walk none >"$work/stock" &
walk "$library" >"$work/library" || true
wait
python3 "$top/ctests/lives/judge.py" $how "$version" "$work/steps" "$work/stock" "$work/library"
