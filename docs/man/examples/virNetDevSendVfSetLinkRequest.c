/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <linux/if_link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <virnetdevvf.h>

/* Lets VF 0 of a PF send from any MAC. No other function sets this attribute. */
int main(int argc, char **argv)
{
    struct ifla_vf_spoofchk check = {.vf = 0, .setting = 0};
    int result;

    if (argc != 2)
        return EXIT_FAILURE;
    result = virNetDevSendVfSetLinkRequest(argv[1], IFLA_VF_SPOOFCHK, &check, sizeof(check));
    if (result < 0) {
        /* What the kernel answers is not reported: there is only the errno. */
        fprintf(stderr, "%s: %s\n", argv[1], strerror(-result));
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
