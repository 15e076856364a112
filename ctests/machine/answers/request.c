/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Makes the call of a row of answers.tsv; prints the errno of the result, the retry flag and the reported text, each on
 * a line.
 *
 *   request mac PF VF MAC|null          request vlan PF VF ID|null
 *   request config PF VF MAC|null ID|null
 *   request send PF TYPE HEX|empty      request get PF VF: prints what it read in place of the text
 *
 * PF may be null, or empty for "".
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <virnetdevvf.h>

static bool is(const char *text, const char *word)
{
    return strcmp(text, word) == 0;
}

static const char *name_of(const char *text)
{
    return is(text, "null") ? NULL : is(text, "empty") ? "" : text;
}

static virMacAddr *mac_of(const char *text, virMacAddr *mac)
{
    unsigned char *a = mac->addr;

    if (is(text, "null"))
        return NULL;
    if (sscanf(text, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", a, a + 1, a + 2, a + 3, a + 4, a + 5) != 6)
        exit(2);
    return mac;
}

static int *vlan_of(const char *text, int *vlan)
{
    if (is(text, "null"))
        return NULL;
    *vlan = atoi(text);
    return vlan;
}

int main(int argc, char **argv)
{
    virMacAddr mac;
    bool retry = true;
    int vlan, result;

    if (argc < (argc > 1 && is(argv[1], "get") ? 4 : 5))
        return 2;
    const char *ifname = name_of(argv[2]);
    int vf = (int)strtol(argv[3], NULL, 0);

    if (is(argv[1], "get")) {
        result = virNetDevGetVfConfig(ifname, vf, &mac, &vlan);
        if (result == 0) {
            const unsigned char *a = mac.addr;

            printf("0\n-\nmac=%02x:%02x:%02x:%02x:%02x:%02x vlan=%d\n", a[0], a[1], a[2], a[3], a[4], a[5], vlan);
            return 0;
        }
    } else if (is(argv[1], "mac")) {
        result = virNetDevSetVfMac(ifname, vf, mac_of(argv[4], &mac), &retry);
    } else if (is(argv[1], "vlan")) {
        result = virNetDevSetVfVlan(ifname, vf, vlan_of(argv[4], &vlan));
    } else if (is(argv[1], "config") && argc == 6) {
        result = virNetDevSetVfConfig(ifname, vf, mac_of(argv[4], &mac), vlan_of(argv[5], &vlan), &retry);
    } else if (is(argv[1], "send")) {
        unsigned char payload[64];
        size_t length = 0;

        for (const char *hex = is(argv[4], "empty") ? "" : argv[4]; *hex && length < sizeof(payload); hex += 2)
            if (sscanf(hex, "%2hhx", &payload[length++]) != 1)
                return 2;
        result = virNetDevSendVfSetLinkRequest(ifname, vf, payload, length);
    } else {
        return 2;
    }
    printf("%d\n%s\n%s\n", -result, retry ? "true" : "false", virNetDevVfLastError());
    return 0;
}
