/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <virnetdevvf.h>

/* What is wrong with a VLAN of 4096? Nothing is sent for it. */
int main(void)
{
    int vlan = 4096;

    if (virNetDevSetVfVlan("eth0", 0, &vlan) < 0)
        printf("%s\n", virNetDevVfLastError());
    return EXIT_SUCCESS;
}
