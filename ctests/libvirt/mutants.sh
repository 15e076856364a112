#!/usr/bin/env bash
# Can the guests of ctests/libvirt/guests.sh fail? Each line of the table removes one fix from the library (by its name
# in ctests/mutants/mutants.tsv), and names the guest and the test that must then be red, with libvirt 9.0.0; TAP.
#
#   ctests/libvirt/mutants.sh [NAME...]
. "$(dirname "${BASH_SOURCE[0]}")/../lib/lib.sh"

table() {
    cat <<'TABLE'
an implicit clear tolerates nothing | hostdev refuses-both none | starts and stops
an implicit clear tolerates nothing | network refuses-both none | starts and stops
no read-back | direct refuses-both none | starts and stops
C3 left out | direct refuses-both 42 | the VF never has 02:00:00:00:00:00
C3 left out | hostdev refuses-both 42 | the VF never has 02:00:00:00:00:00
C3 left out | network refuses-both 42 | the VF never has 02:00:00:00:00:00
C5 left out | hostdev refuses-both 42 | the VF is as it was
C5 left out | network refuses-both 42 | the VF is as it was
C3 left out | hostdev grants-clear 42 | the VF never has 02:00:00:00:00:00
C5 left out | hostdev grants-clear 42 | the VF is as it was
C5 left out | hostdev switchdev 42 | the VF is as it was
C5 without a VLAN left out | hostdev in-reset-stays none | the VF is as it was
a VF in reset is not asked again | hostdev in-reset-ends none | starts and stops
a VF in reset is not asked again | direct in-reset-ends 42 | starts and stops
a reset is not explained | hostdev in-reset-stays 42 | refuses, and virsh says why
switchdev is not explained | direct switchdev 42 | refuses, and virsh says why
an implicit clear sets VLAN 1 | hostdev ordinary none | the guest has its MAC and VLAN
an implicit clear sets VLAN 1 | network ordinary none | the guest has its MAC and VLAN
a VLAN that is refused is called a success | direct refuses-both 42 | refuses, and virsh says why
a VLAN that is refused is called a success | hostdev refuses-both 42 | refuses, and virsh says why
the reason is not told | direct refuses-both 42 | refuses, and virsh says why
the reason is not told | hostdev refuses-both 42 | refuses, and virsh says why
a VLAN that is asked for is cleared | direct ordinary 42 | the guest has its MAC and VLAN
a VLAN that is asked for is cleared | hostdev ordinary 42 | the guest has its MAC and VLAN
a VLAN that is asked for is cleared | network ordinary 42 | the guest has its MAC and VLAN
no debug line | direct ordinary none | it was the library
TABLE
}

work=$target/libvirt/mutants
mkdir -p "$work"
# Two at the same time would replace each other's library.
exec 8>"$work/lock"
flock 8
for name in "$@"; do
    [[ $(table) == *"$name |"* ]] || die "no mutant is called '$name'"
done
table | sed 's/ |.*//' | awk '!seen[$0]++' | while read -r name; do
    [ $# = 0 ] || [[ " $* " == *" $name "* ]] || continue
    "$top/ctests/mutants/mutants.py" --build "$name" "$work/lib" </dev/null
    mapfile -t cases < <(table | awk -F ' [|] ' -v name="$name" '$1 == name { print $2 }')
    results=$("$top/ctests/libvirt/guests.sh" --library "$work/lib/libvirnetdevvf.so.0" --cases "${cases[@]}" -- 9.0.0 \
        </dev/null 2>&1 || true)
    grep '^# = ' <<<"$results" || true
    while IFS='|' read -r _ guest red; do
        guest=${guest# } red=${red# }
        guest=${guest% }
        title="libvirt mutant: $name: $guest: '$red' turns red"
        # If the library was not loaded, most tests are red, which proves nothing.
        loaded="it was the library"
        [ "$red" != "$loaded" ] || loaded="starts and stops"
        if grep -q "^ok - libvirt 9.0.0 $guest, preloaded: $loaded" <<<"$results" &&
            grep '^not ok' <<<"$results" | grep -F "$guest, preloaded:" | grep -F "$red" >/dev/null; then
            ok "$title"
        else
            not_ok "$title" "$results"
        fi
    done < <(table | grep "^$name |")
done
done_testing
