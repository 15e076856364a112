/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <virnetdevvf.h>

/* Sets the VLAN of VF 0, or clears it if none is given. */
int main(int argc, char **argv)
{
    int vlan;

    if (argc < 2)
        return EXIT_FAILURE;
    if (argc > 2)
        vlan = atoi(argv[2]);
    /* NULL is not a pointer to 0: with NULL, a device that refuses each VLAN is not a failure. */
    if (virNetDevSetVfVlan(argv[1], 0, argc > 2 ? &vlan : NULL) < 0) {
        fprintf(stderr, "%s\n", virNetDevVfLastError());
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
