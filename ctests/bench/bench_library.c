/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A contestant of ctests/bench/bench.sh: the four functions of a library, this one or Debian's libvirt0. */
#include "bench.h"

#include <dlfcn.h>
#include <linux/if_link.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *interface;
static int (*send_request)(const char *, int, const void *, size_t);
static int (*set_mac)(const char *, int, const void *, bool *);
static int (*set_vlan)(const char *, int, const int *);
static int (*set_config)(const char *, int, const void *, const int *, bool *);

static void *function(void *library, const char *name)
{
    void *found = dlsym(library, name);

    if (!found) {
        fprintf(stderr, "%s\n", dlerror());
        exit(1);
    }
    return found;
}

static void silent(void *unused, const void *error)
{
    (void)unused;
    (void)error;
}

void prepare(const char *name, int argc, char **argv)
{
    void *library = argc > 0 ? dlopen(argv[0], RTLD_NOW) : NULL;
    int (*initialize)(void);
    void (*set_error_function)(void *, void (*)(void *, const void *));

    if (!library) {
        fprintf(stderr, "%s\n", argc > 0 ? dlerror() : "usage: INTERFACE LIBRARY");
        exit(1);
    }
    interface = name;
    *(void **)&send_request = function(library, "virNetDevSendVfSetLinkRequest");
    *(void **)&set_mac = function(library, "virNetDevSetVfMac");
    *(void **)&set_vlan = function(library, "virNetDevSetVfVlan");
    *(void **)&set_config = function(library, "virNetDevSetVfConfig");
    /* libvirt's own way of starting; its errors are printed otherwise. */
    *(void **)&initialize = dlsym(library, "virInitialize");
    *(void **)&set_error_function = dlsym(library, "virSetErrorFunc");
    if (initialize && initialize() < 0)
        exit(1);
    if (set_error_function)
        set_error_function(NULL, silent);
}

int perform(enum operation operation)
{
    struct ifla_vf_mac mac = {.vf = 0};
    int vlan = operation == CLEAR ? 0 : BENCH_VLAN;
    bool retry = false;

    switch (operation) {
    case REQUEST:
        memcpy(mac.mac, bench_mac, sizeof(bench_mac));
        return send_request(interface, IFLA_VF_MAC, &mac, sizeof(mac));
    case MAC:
        return set_mac(interface, 0, bench_mac, &retry);
    case VLAN:
    case CLEAR:
        return set_vlan(interface, 0, &vlan);
    case BOTH:
    case GUEST:
        return set_config(interface, 0, bench_mac, operation == BOTH ? &vlan : NULL, &retry);
    default:
        return 0;
    }
}
