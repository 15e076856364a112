/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <virnetdevvf.h>

/* A guest without a VLAN, on any SR-IOV NIC, a DPU or not. */
int main(int argc, char **argv)
{
    virMacAddr mac = {{0x52, 0x54, 0x00, 0x12, 0x34, 0x56}};
    bool retry = false;

    if (argc < 2)
        return EXIT_FAILURE;
    if (virNetDevSetVfConfig(argv[1], 0, &mac, NULL, &retry) < 0) {
        fprintf(stderr, "%s\n", virNetDevVfLastError());
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
