/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <virnetdevvf.h>

/* Prints the MAC and the VLAN of each VF of a PF. */
int main(int argc, char **argv)
{
    virMacAddr mac;
    int vf, vlan, result;

    if (argc < 2)
        return EXIT_FAILURE;
    for (vf = 0; (result = virNetDevGetVfConfig(argv[1], vf, &mac, &vlan)) != -ENOENT; vf++) {
        if (result == 0) {
            printf("%d: %02x:%02x:%02x:%02x:%02x:%02x, VLAN %d\n", vf, mac.addr[0], mac.addr[1], mac.addr[2],
                   mac.addr[3], mac.addr[4], mac.addr[5], vlan);
        } else {
            fprintf(stderr, "%s\n", virNetDevVfLastError());
            /* -ENODATA: this VF is in reset, and the next one may be listed. */
            if (result != -ENODATA)
                return EXIT_FAILURE;
        }
    }
    return EXIT_SUCCESS;
}
