#!/usr/bin/env bash
# The first root of an emulated machine: busybox, an init, and modules of its kernel.
#
#   ctests/machine/initramfs.sh KERNEL_DIRECTORY INIT OUTPUT MODULE...
#
# /modules has the modules and their dependencies, with names that sort in the order of loading.
. "$(dirname "${BASH_SOURCE[0]}")/../lib/lib.sh"

kernel=$1 init=$2 output=$3
shift 3
need busybox-static cpio kmod xz-utils
release=$(cat "$kernel/release")
first=$(mktemp -d "$(dirname "$output")/first.XXXXXX")
trap 'rm -rf "$first" "$first.gz"' EXIT
mkdir -p "$first"/{bin,modules,proc,sys,dev,lower,upper,new}
cp "$(command -v busybox)" "$first/bin/busybox"
install -m 755 "$init" "$first/init"
number=100
for module; do
    # A module may be needed twice. A built-in module has no file.
    while read -r file; do
        name=$(basename "$file" .xz)
        [ -z "$(find "$first/modules" -name "*-$name")" ] || continue
        case $file in
        *.xz) xz -dc "$file" >"$first/modules/$number-$name" ;;
        *) cp "$file" "$first/modules/$number-$name" ;;
        esac
        number=$((number + 1))
    done < <(modprobe -d "$kernel" -S "$release" --show-depends "$module" | sed -n 's/^insmod \([^ ]*\).*/\1/p')
done
(cd "$first" && find . | cpio -o -H newc -R 0:0 --quiet | gzip -1) >"$first.gz"
# Written under another name, then renamed: another machine may be starting.
mv "$first.gz" "$output"
