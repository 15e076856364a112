/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <virnetdevvf.h>

/* Gives VF 0 to a guest: its MAC and VLAN 42. */
int main(int argc, char **argv)
{
    virMacAddr mac = {{0x52, 0x54, 0x00, 0x12, 0x34, 0x56}};
    bool retry = false;
    int vlan = 42;

    if (argc < 2)
        return EXIT_FAILURE;
    if (virNetDevSetVfConfig(argv[1], 0, &mac, &vlan, &retry) < 0) {
        /* If the VLAN was refused, the VF has its former MAC again, and the message says so. */
        fprintf(stderr, "%s\n", virNetDevVfLastError());
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
