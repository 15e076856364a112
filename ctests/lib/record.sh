#!/usr/bin/env bash
# Meson's wrapper around each suite, under ctests/check: what the suite prints goes to files that can be read while it
# runs, and to Meson when it has ended. A suite that Meson ends has no .status.
#
#   record.sh PROGRAM [ARGUMENT...]     VIRNETDEVVF_LOGS, VIRNETDEVVF_SUITE: the directory, and the files' name
log=${VIRNETDEVVF_LOGS:?}/${VIRNETDEVVF_SUITE:?}
status=0
SECONDS=0
"$@" >"$log.tap" 2>"$log.log" </dev/null || status=$?
cat "$log.tap"
cat "$log.log" >&2
printf '%s %s\n' "$status" "$SECONDS" >"$log.new"
mv "$log.new" "$log.status"
exit "$status"
