/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Whose functions answer in a process that has both this library and libvirt. Prints `library` or `libvirt`.
 *
 *   order                      virNetDevSetVfVlan() as the program was linked
 *   order LIBRARY [deepbind]   the one that virNetDevSetVfConfig() calls, in a library that is loaded with dlopen(3)
 */
#define _GNU_SOURCE
#include <virnetdevvf.h>

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>

#ifdef STAND_IN
/* In place of libvirt's: an errno that neither the kernel nor this library answers for `lo`. */
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
