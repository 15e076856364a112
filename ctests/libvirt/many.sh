#!/usr/bin/env bash
# A guest on VF 130 of 140, on Linux 7.3, which lists only 128 VFs if a request asks for statistics, as libvirt does:
# with Debian 12's libvirt, and with the same source after `adopt`, so that the library's virNetDevGetVfConfig() reads
# the VF before a guest starts; TAP.
#
#   ctests/libvirt/many.sh
#
# The PF and its VFs are those of the module ctests/machine/many-vfs/many.c. The built libvirt.so takes the place of
# Debian's in the machine's root; daemon and drivers stay Debian's.
. "$(dirname "${BASH_SOURCE[0]}")/../lib/lib.sh"

[ $# = 0 ] || die "usage: many"
version=9.0.0
name="libvirt $version, 140 VFs"
. /etc/os-release
if [ "${VERSION_CODENAME-}" != bookworm ]; then
    try "$name: adopt edits libvirt's source" "$top/ctests/libvirt/suite.sh" $version
    skip "$name: a guest on VF 130" "what is built here needs a newer C library than Debian 12's, whose libvirt this is"
    done_testing
    exit
fi
need gcc meson ninja-build pkg-config ccache libxml2-dev libxml2-utils libglib2.0-dev libgnutls28-dev libnl-3-dev \
    libnl-route-3-dev libyajl-dev libsasl2-dev xsltproc python3-docutils libtirpc-dev rpcsvc-proto gettext python3
base=$cache/libvirt/$version
# suite.sh unpacks the source, and tests that adopt edits it.
"$top/ctests/libvirt/suite.sh" $version >/dev/null ||
    die "cannot get libvirt's source, or adopt fails: see ctests/libvirt/suite.sh $version"
root=$("$top/ctests/libvirt/root.sh" $version)
prefix=$(installed_library)

# Configured like Debian's in the parts that the daemon, its drivers and virsh need, and in its paths.
build() {
    local tree=$base/build-guest stamp
    stamp=$(cksum "$prefix"/lib/pkgconfig/virnetdevvf.pc "$top/packaging/libvirt/adopt" "${BASH_SOURCE[0]}" \
        "$base/shipped.version" | cksum)
    if [ "$(cat "$tree/stamp" 2>/dev/null)" != "$stamp" ]; then
        rm -rf "$tree"
        cp -r "$base/shipped" "$tree" && "$top/packaging/libvirt/adopt" "$tree" || return 1
        meson setup "$tree/b" "$tree" --prefix=/usr --sysconfdir=/etc --localstatedir=/var -Drunstatedir=/run \
            -Dauto_features=disabled -Ddriver_remote=enabled -Ddriver_libvirtd=enabled -Ddriver_lxc=enabled \
            -Dlibnl=enabled -Dsasl=enabled -Dyajl=enabled -Dtests=disabled -Ddocs=disabled || return 1
        printf '%s\n' "$stamp" >"$tree/stamp"
    fi
    ninja -C "$tree/b" src/libvirt.so.0.9000.0
}
export CCACHE_DIR=$cache/ccache CCACHE_NOHASHDIR=1 CCACHE_COMPILERCHECK=content PKG_CONFIG_PATH=$prefix/lib/pkgconfig
exec 9>"$base/build-guest.lock"
flock 9
try "$name: libvirt builds with the library" build
built=$base/build-guest/b/src/libvirt.so.0.9000.0
[ -f "$built" ] || exit 1

modules=$("$top/ctests/machine/kernel.sh" 7.3 --modules)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for way in none "$built"; do
    "$top/ctests/machine/run.sh" --kernel 7.3 --root "$root" /usr/bin/python3 "$top/ctests/libvirt/many_in_machine.py" \
        "$way" "$prefix/lib/libvirnetdevvf.so.0" "$modules/many.ko" 140 100 130 100r </dev/null >"$work/said" || true
    results "" python3 - "$name" "$way" "$work/said" "$top" $version <<'PYTHON'
import json
import pathlib
import sys

name, way, said, top, version = sys.argv[1:]
sys.path[:0] = f"{top}/ctests/libvirt", f"{top}/ctests/lib"
import outcomes
import tap

built = "as shipped" if way == "none" else "built with the library"


def test(title, holds, case):
    tap.test(f"{name}, {built}: {title}", holds, case)


lines = open(said).read().splitlines()
print("".join(f"{line}\n" for line in lines if line.startswith("# = ")), end="")
# If the machine was started again, the first result of a VF counts.
cases = {case["vf"]: case for case in (json.loads(line) for line in reversed(lines) if line.startswith("{"))}
for vf in ("100", "130", "100r"):
    case = cases.get(vf)
    if not case:
        test(f"there was a guest on VF {vf}", False, lines)
    elif way == "none" and vf == "100r":
        # libvirt's own virNetDevGetVfConfig() reads once (contract G5).
        test("a guest on a VF in reset does not start", "couldn't find IFLA_VF_INFO for VF 100" in case["error"], case)
    elif way != "none" or vf == "100":
        test(f"a guest on VF {vf} starts and stops", case["starts"] and case["stops"], case)
        has = case["address"], case["running"][2]
        test(f"a guest on VF {vf} has its MAC, and VLAN 42", has == ("52:54:00:00:00:99", 42), case)
if "130" in cases:
    states = {when: {"mac": cases["130"]["address"], "admin": cases["130"][when][1], "vlan": cases["130"][when][2]}
              for when in ("before", "running", "after")}
    outcomes.judge(test, {
        **cases["130"], **states, "libvirt": version, "preloaded": way != "none", "hypervisor": "lxc",
        "interface": "direct", "kind": "list-cut-off", "vlan": "42", "macs": []}, "outcomes.tsv:")
tap.done_testing()
PYTHON
done
done_testing
