#!/usr/bin/env bash
# Meson's wrapper around each suite. It writes the suite's output to files that can be read while it runs, and to Meson
# when the suite has ended. It adds a red result for faults that Meson's TAP parser accepts.
#
#   record.sh PROGRAM [ARGUMENT...]     VIRNETDEVVF_LOGS: their directory; VIRNETDEVVF_SUITE: their name
log=${VIRNETDEVVF_LOGS:?}/${VIRNETDEVVF_SUITE:?}
mkdir -p "$VIRNETDEVVF_LOGS"
red() {
    printf 'not ok - suite %s: %s\n' "$VIRNETDEVVF_SUITE" "$1"
    tail -n 15 "$log.tap" "$log.log" | sed 's/^/# /'
}
status=0
"$@" >"$log.tap" 2>"$log.log" </dev/null || status=$?
{
    grep -qE '^1\.\.[0-9]+$' "$log.tap" || red "it has no plan, so it ended early (status $status)"
    ! other=$(grep -vE -m 3 '^((not )?ok ([0-9]+ )?- .*|#.*|1\.\.[0-9]+)$' "$log.tap") ||
        red "it printed lines that are not TAP: ${other//$'\n'/; }"
} >"$log.red"
cat "$log.red" >>"$log.tap"
rm -f "$log.red"
cat "$log.tap"
cat "$log.log" >&2
exit "$status"
