#!/usr/bin/env bash
# Downloads a Debian kernel with its modules; prints the directory.
#
#   ctests/machine/kernel.sh 6.1 | 6.12 | 7.3
#   ctests/machine/kernel.sh 6.1 | 6.12 | 7.3 --modules
#
# The directory has vmlinuz, release (the output of uname -r) and lib/modules. With --modules it prints a directory in
# there, which has this tree's modules for that kernel: dpu.ko, many.ko.
# The names stand for suites (Debian 12, its backports, Debian 13's backports), each with its current kernel. Downloaded
# and unpacked once in the cache; nothing is installed, so no root is needed.
. "$(dirname "${BASH_SOURCE[0]}")/../lib/lib.sh"

# The release in which the tools of the headers run: any Debian from 12 on, or a root of the suite's release.
release_of_tools=any
case ${1-} in
6.1) suite=bookworm ;;
6.12) suite=bookworm-backports ;;
7.3) suite=trixie-backports release_of_tools=trixie ;;
*) die "usage: kernel 6.1 | 6.12 | 7.3 [--modules]" ;;
esac
# Neither the kernel's make nor its command line has a way to quote one.
[[ $cache != *[[:space:]]* ]] || die "the cache's path has a space in it: $cache (XDG_CACHE_HOME says where it is)"
dir=$cache/kernel/$1
mkdir -p "$dir"
exec 3>&1 1>&2
exec 9>"$dir.lock"
flock 9

# libelf-dev only for its library, whose package has another name in Debian 13.
need gcc libc6-dev make kmod xz-utils libelf-dev bc python3

APT_CONFIG=$(apt_suite "$suite") || die "cannot read the archive's suite $suite"
export APT_CONFIG
# depends PACKAGE PATTERN: the first dependency of the package whose whole name matches.
depends() { apt-cache depends "$1" | sed -n 's/^ *|\{0,1\}Depends: \('"$2"'\)$/\1/p' | head -n 1; }
image=$(depends linux-image-amd64 'linux-image-.*')
headers=$(depends linux-headers-amd64 'linux-headers-.*')
version=$(apt-cache show "$image" | sed -n 's/^Version: //p' | head -n 1)
[ -n "$image" ] && [ -n "$version" ] || die "the suite $suite has no kernel for amd64"
packages=("$image" "$headers")
packages+=("$(depends "$headers" 'linux-headers-.*-common')" "$(depends "$headers" 'linux-kbuild-.*')")
# From Linux 7.2 on, Debian cuts the kernel into parts, and linux-image-* is only their list.
for part in binary modules base; do
    name=$(depends "$image" "linux-$part-[0-9].*")
    [ -z "$name" ] || packages+=("$name")
done

if [ "$(cat "$dir/stamp" 2>/dev/null)" != "$image $version" ]; then
    step "downloading $image $version"
    rm -rf "$dir"
    mkdir -p "$dir/debs"
    (cd "$dir/debs" && apt-get -q download "${packages[@]}" >log 2>&1) ||
        { cat "$dir/debs/log"; die "cannot download the kernel"; }
    step "unpacking it"
    for package in "$dir"/debs/*.deb; do dpkg-deb -x "$package" "$dir/root"; done
    rm -rf "$dir/debs"
    release=${image#linux-image-}
    root=$dir/root
    [ -d "$root/lib/modules" ] || { mkdir -p "$root/lib" && mv "$root/usr/lib/modules" "$root/lib"; }
    mv "$root/lib" "$dir/lib"
    for vmlinuz in "$root/boot/vmlinuz-$release" "$dir/lib/modules/$release/vmlinuz"; do
        [ ! -f "$vmlinuz" ] || mv "$vmlinuz" "$dir/vmlinuz"
    done
    depmod -b "$dir" "$release"
    # The headers expect to be in /usr/src, and their tools in /usr/lib.
    grep -rIlE '/usr/(src|lib)/linux-' "$root"/usr/src/*/{Makefile,.kernelvariables} 2>/dev/null |
        while read -r file; do
            sed -i -E "s#(^|[^[:alnum:]/.])/usr/(src|lib)/linux-#\1$root/usr/\2/linux-#g" "$file"
        done
    for tools in scripts tools; do
        for link in "$root"/usr/src/*/$tools; do
            [ -L "$link" ] || continue
            ln -sfn "$root/usr/lib/$(basename "$(dirname "$(readlink "$link")")")/$tools" "$link"
        done
    done
    printf '%s\n' "$release" >"$dir/release"
    printf '%s\n' "$image $version" >"$dir/stamp"
fi
release=$(cat "$dir/release")
unset APT_CONFIG
[ "${2-}" = --modules ] || { printf '%s\n' "$dir" >&3; exit; }

# --- our own modules ------------------------------------------------------------------------------

# run_make ARGUMENT...: make, here or in a root of the release whose compiler and C library the headers need.
run_make() {
    . /etc/os-release
    if [ $release_of_tools = any ] || [ "${VERSION_CODENAME-}" = $release_of_tools ]; then
        make "$@"
        return
    fi
    local root=$cache/kernel/make-$release_of_tools
    (
        exec 9>"$root.lock"
        flock 9
        make_root "$root" "" $release_of_tools gcc,libc6-dev,make,libelf-dev,libdw-dev,kmod,bc,python3,xz-utils
    ) || return 1
    # The files that make writes name the directory.
    run_in_root "$root" "make ${*@Q}" "$dir"
}

# One directory for each state of the sources: another tree may use the same cache at the same time.
cd "$top/ctests/machine"
sources=(dpu/dpu.c many-vfs/many.c)
sum=$(sha256sum -- "${sources[@]}" | sha256sum | cut -c 1-16)
modules=$dir/modules-$sum
if [ ! -f "$modules/dpu.ko" ]; then
    step "building our modules for $release"
    rm -rf "$dir/building"
    mkdir "$dir/building"
    for source in "${sources[@]}"; do
        module=$(basename "$source" .c)
        mkdir "$dir/building/$module"
        cp "$source" "$dir/building/$module"
        printf 'obj-m := %s.o\n' "$module" >"$dir/building/$module/Makefile"
        # Without BTF, which needs pahole and is only for tracing.
        run_make -C "$dir/root/usr/src/linux-headers-$release" M="$dir/building/$module" CC=gcc \
            CONFIG_DEBUG_INFO_BTF_MODULES= modules >"$dir/building/log" 2>&1 ||
            { tail -n 30 "$dir/building/log"; die "the module $module does not build for $release"; }
        ! grep -E '\bwarning:' "$dir/building/log" | grep -F "$module.c" ||
            die "the module $module builds with warnings for $release"
    done
    mkdir -p "$modules.new"
    cp "$dir"/building/*/{dpu,many}.ko "$modules.new"
    rm -rf "$modules" "$dir/building"
    mv "$modules.new" "$modules"
fi
printf '%s\n' "$modules" >&3
