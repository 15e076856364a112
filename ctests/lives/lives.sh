#!/usr/bin/env bash
# Real libvirt starts and stops guests on VFs for a long time, in an order that a seed decides: stock, and with the
# library preloaded. After each step, the VFs are compared with what they must have (rules.py).
#
#   ctests/lives/lives.sh VERSION [--seed N] [--steps N]     9.0.0, 11.3.0 or sid; the table of what was wrong
#   ctests/lives/lives.sh VERSION --walk FILE                the steps of FILE, a line each (steps.py)
#   ctests/lives/lives.sh VERSION --tap [...]                as tests
#   ctests/lives/lives.sh VERSION --kept                     as tests, the walks of kept.txt
#   ctests/lives/lives.sh VERSION --library FILE [...]       with this library
#   ctests/lives/lives.sh --update                           writes the last results of all three into the page
. "$(dirname "${BASH_SOURCE[0]}")/../lib/lib.sh"

usage="usage: lives 9.0.0 | 11.3.0 | sid [--tap | --kept] [--seed N] [--steps N] [--walk FILE] [--library FILE]
       lives --update"
version=${1-} how=table seed=1 steps=1000 walk='' library='' here=$top/ctests/lives
case $version in
9.0.0 | 11.3.0 | sid) shift ;;
--update) exec python3 "$here/judge.py" page "$target/lives" ;;
*) die "$usage" ;;
esac
while [ $# -gt 0 ]; do
    case $1 in
    --tap) how=tap && shift ;;
    --kept) how=kept walk=$here/kept.txt && shift ;;
    --seed) seed=$2 && shift 2 ;;
    --steps) steps=$2 && shift 2 ;;
    --walk) walk=$(realpath -e "$2") && shift 2 ;;
    --library) library=$(realpath -e "$2") && shift 2 ;;
    *) die "$usage" ;;
    esac
done
need python3
[ -n "$library" ] || library=$(installed_library)/lib/libvirnetdevvf.so.0
root=$("$top/ctests/libvirt/root.sh" "$version")
work=$target/lives/$version
[ $how != kept ] || work=$work-kept
mkdir -p "$work"
if [ -n "$walk" ]; then cp "$walk" "$work/steps"; else python3 "$here/steps.py" "$seed" "$steps" >"$work/steps"; fi
# The MMIO of an emulated VF is out of reach with 3 GB and more.
walk() {
    "$top/ctests/machine/run.sh" --kernel 6.12 --memory 2560 --iommu --limit 7200 --root "$root" \
        /usr/bin/python3 "$here/walk.py" "$1" "$work/steps"
}
# Both at a time.
walk none >"$work/stock" &
walk "$library" >"$work/library" || true
wait
python3 "$here/judge.py" $how "$version" "$work/steps" "$work/stock" "$work/library"
