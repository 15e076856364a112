/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <virnetdevvf.h>

/* Prints what is wrong with VLAN 4096. Nothing is sent. */
int main(void)
{
    int vlan = 4096;

    if (virNetDevSetVfVlan("eth0", 0, &vlan) < 0)
        printf("%s\n", virNetDevVfLastError());
    return EXIT_SUCCESS;
}
