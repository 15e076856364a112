/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Makes calls that fail, in a process with libvirt. Prints libvirt's last error after each: code and message.
 *
 *   reporter linked | dlopen      how libvirt comes into the process
 *            init | fresh         whether it has been initialised before the failure
 *
 * INSIDE: the library is a part of libvirt.so, which does not export virNetDevVfLastError().
 */
#include <dlfcn.h>
#include <errno.h>
#include <linux/if_link.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include <virnetdevvf.h>

#ifdef LINKED
/* libvirt/virterror.h and libvirt.h. */
extern int virInitialize(void);
extern int virGetLastErrorCode(void);
extern const char *virGetLastErrorMessage(void);
# define FIND(handle, name) name
#else
# define FIND(handle, name) dlsym(handle, #name)
#endif

/* Two requests for the log: one has a name that could forge a line, one gets no socket. */
static int requests_in_the_log(void)
{
    const struct ifla_vf_vlan vlan = {.vf = 5, .vlan = 42};
    struct rlimit all, limit;
    int lowest = dup(0), result;

    result = virNetDevSendVfSetLinkRequest("new\nline\033[2J", 99, &vlan, sizeof(vlan));
    if (result >= 0 || getrlimit(RLIMIT_NOFILE, &all) != 0)
        return 7;
    close(lowest);
    limit = all;
    limit.rlim_cur = (rlim_t)lowest;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
        return 8;
    result = virNetDevSendVfSetLinkRequest("lo", IFLA_VF_VLAN, &vlan, sizeof(vlan));
    return setrlimit(RLIMIT_NOFILE, &all) != 0 || result != -EMFILE ? 9 : 0;
}

int main(int argc, char **argv)
{
#ifndef LINKED
    /* As Python's binding does: other libraries do not find libvirt's symbols then. */
    void *libvirt = dlopen("libvirt.so.0", RTLD_NOW | RTLD_LOCAL);
    if (!libvirt)
        return 3;
#endif
    int (*initialize)(void) = FIND(libvirt, virInitialize);
    int (*code)(void) = FIND(libvirt, virGetLastErrorCode);
    const char *(*message)(void) = FIND(libvirt, virGetLastErrorMessage);
    const int out_of_range = 4096;

    if (argc > 1 && strcmp(argv[1], "init") == 0 && initialize() < 0)
        return 4;
    if (virNetDevSetVfVlan("eth7", 5, &out_of_range) != -ERANGE)
        return 5;
    printf("%d %s\n", code(), message());
    /* The caller judges the kernel's answer to a bare request, so libvirt's last error does not change. */
    if (virNetDevSendVfSetLinkRequest("lo", 99, &out_of_range, 4) >= 0)
        return 6;
    printf("%d %s\n", code(), message());
#ifndef INSIDE
    printf("%s\n", virNetDevVfLastError());
#endif
    return requests_in_the_log();
}
