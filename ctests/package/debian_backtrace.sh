# shellcheck shell=bash
# debian.sh's part on debug information: a backtrace with and without the -dbgsym package.

unpacked=$work/unpacked
mkdir "$unpacked"
for package in libvirnetdevvf0 libvirnetdevvf-dev; do dpkg-deb -x "${first:?}/$package"_*.deb "$unpacked"; done
multiarch=$unpacked/usr/lib/$(gcc -print-multiarch)
unnamed() { grep ' virNetDev[A-Za-z]* () from ' <<<"$(backtrace "$multiarch" "$unpacked/usr/lib/debug")"; }
row "Debian: a backtrace has no lines without the -dbgsym package" unnamed
dpkg-deb -x "$first"/libvirnetdevvf0-dbgsym_*.deb "$unpacked"
row "Debian: with it, each export has its file and line" named_lines "$multiarch" "$unpacked/usr/lib/debug"
