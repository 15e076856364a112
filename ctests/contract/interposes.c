/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Calls a function of the library that calls another one. Was that one replaced? Prints `interposed` or `own`.
 *
 *   interposes mac | vlan | config-mac | config-vlan
 */
#include <stdio.h>
#include <string.h>
#include <virnetdevvf.h>

int main(int argc, char **argv)
{
    const virMacAddr mac = {{0x52, 0x54, 0x00, 0x12, 0x34, 0x56}};
    const char *caller = argc > 1 ? argv[1] : "";
    bool retry = true;
    int vlan = 42, result;

    if (strcmp(caller, "mac") == 0)
        result = virNetDevSetVfMac("lo", 0, &mac, &retry);
    else if (strcmp(caller, "vlan") == 0)
        result = virNetDevSetVfVlan("lo", 0, &vlan);
    else if (strcmp(caller, "config-mac") == 0)
        result = virNetDevSetVfConfig("lo", 0, &mac, &vlan, &retry);
    else if (strcmp(caller, "config-vlan") == 0)
        result = virNetDevSetVfConfig("lo", 0, NULL, &vlan, NULL);
    else
        return 2;
    puts(result == -7777 ? "interposed" : "own");
    return 0;
}
