/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A process has both this library and libvirt: prints whose virNetDevSetVfVlan() is called, `library` or `libvirt`.
 *
 *   order                      this program calls it
 *   order LIBRARY [deepbind]   virNetDevSetVfConfig() calls it, in a library that dlopen(3) loads
 */
#define _GNU_SOURCE
#include <virnetdevvf.h>

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>

#ifdef STAND_IN
/* Takes the place of libvirt's function. Neither the kernel nor this library returns this errno for `lo`. */
int virNetDevSetVfVlan(const char *ifname, int vf, const int *vlanid)
{
    (void)ifname, (void)vf, (void)vlanid;
    return -ENOLINK;
}
#else
int main(int argc, char **argv)
{
    int result;

    if (argc == 1) {
        result = virNetDevSetVfVlan("lo", 0, NULL);
    } else {
        void *library = dlopen(argv[1], RTLD_NOW | (argc > 2 ? RTLD_DEEPBIND : 0));
        __typeof__(&virNetDevSetVfConfig) set = NULL;

        if (library)
            *(void **)&set = dlsym(library, "virNetDevSetVfConfig");
        if (!set) {
            fprintf(stderr, "%s\n", dlerror());
            return 1;
        }
        result = set("lo", 0, NULL, NULL, NULL);
    }
    puts(result == -ENOLINK ? "libvirt" : "library");
    return 0;
}
#endif
