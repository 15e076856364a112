/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <virnetdevvf.h>

/* Removes the MAC of VF 0. If the driver refuses an all-zero MAC, VF 0 gets a local one. */
int main(int argc, char **argv)
{
    virMacAddr zero = {{0}}, local = {{0x02, 0, 0, 0, 0, 0}};
    bool retry = true;
    int result;

    if (argc < 2)
        return EXIT_FAILURE;
    result = virNetDevSetVfMac(argv[1], 0, &zero, &retry);
    if (result < 0 && retry) {
        retry = false;
        result = virNetDevSetVfMac(argv[1], 0, &local, &retry);
    }
    if (result < 0) {
        fprintf(stderr, "%s\n", virNetDevVfLastError());
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
