/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Sets and shows the MAC and the VLAN of SR-IOV VFs through libvirnetdevvf, as libvirt does for a guest.
 *
 * For an operator on a host with an SR-IOV NIC, and an example of the header's use. See usage() below and vfset(8).
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <virnetdevvf.h>

/* Exit statuses. */
enum { DONE = 0, REFUSED = 1, BAD_USAGE = 2 };

/* Flushes standard output; output that could not be written is a failure. */
static int printed(const char *name)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return DONE;
    perror(name);
    return REFUSED;
}

static int usage(FILE *to, const char *name)
{
    fprintf(to,
            "usage: %s PF VF [--mac MAC] [--vlan ID | --clear-vlan]\n"
            "       %s --show PF [--json]\n"
            "\n"
            "Sets the MAC and the VLAN of VF number VF (from 0) of the SR-IOV interface PF,\n"
            "or shows them for every VF.\n"
            "\n"
            "  --mac MAC     the MAC that the VF is to have, such as 52:54:00:12:34:56\n"
            "  --vlan ID     the VLAN that the VF is to be in, 1 to 4095; 0 for none\n"
            "  --clear-vlan  the same as --vlan 0: it must be none, or this fails\n"
            "  --show PF     the MAC and the VLAN of each VF of PF, as its driver reports them\n"
            "  --json        with --show: as JSON\n"
            "\n"
            "With --mac only, as for a guest without a VLAN, a VLAN left from before is cleared,\n"
            "unless the device does not let its host set VLANs (a SmartNIC DPU).\n"
            "\n"
            "Exit status: 0 done, 1 refused or failed, 2 wrong usage.\n"
            "Setting needs CAP_NET_ADMIN.\n",
            name, name);
    return to == stdout ? printed(name) : BAD_USAGE;
}

static int wrong(const char *name, const char *what, const char *value)
{
    fprintf(stderr, "%s: %s: '%s' (see --help)\n", name, what, value);
    return BAD_USAGE;
}

/* Parses a decimal number from 0 to max, without sign, blanks or other characters. */
static bool parse_number(const char *text, long max, int *number)
{
    char *end;
    long value;

    if (text[0] < '0' || text[0] > '9')
        return false;
    /* strtol() returns the largest long for a number that is too large. */
    value = strtol(text, &end, 10);
    if (*end != '\0' || value > max)
        return false;
    *number = (int)value;
    return true;
}

/* Parses six pairs of hexadecimal digits with colons between them. */
static bool parse_mac(const char *text, virMacAddr *mac)
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    int i;

    if (strlen(text) != 6 * 3 - 1)
        return false;
    for (i = 0; i < 6; i++, text += 3) {
        const char *high = strchr(digits, text[0]), *low = strchr(digits, text[1]);
        if (!high || !low || text[2] != (i < 5 ? ':' : '\0'))
            return false;
        mac->addr[i] = (unsigned char)((high - digits) % 16 * 16 + (low - digits) % 16);
    }
    return true;
}

static int failed(const char *name)
{
    fprintf(stderr, "%s: %s\n", name, virNetDevVfLastError());
    return REFUSED;
}

static void show_vf(int vf, bool in_list, const virMacAddr *mac, int vlan, bool json)
{
    char text[sizeof "00:00:00:00:00:00"];

    snprintf(text, sizeof text, "%02x:%02x:%02x:%02x:%02x:%02x", mac->addr[0], mac->addr[1], mac->addr[2],
             mac->addr[3], mac->addr[4], mac->addr[5]);
    if (json && in_list)
        printf("%s\n  {\"vf\": %d, \"mac\": \"%s\", \"vlan\": %d}", vf == 0 ? "" : ",", vf, text, vlan);
    else if (json)
        printf("%s\n  {\"vf\": %d, \"mac\": null, \"vlan\": null}", vf == 0 ? "" : ",", vf);
    else if (!in_list)
        printf("%-5d not listed by the kernel (in reset, or one of too many)\n", vf);
    else if (vlan == 0)
        printf("%-5d %s  none\n", vf, text);
    else
        printf("%-5d %s  %d\n", vf, text, vlan);
}

/* Shows each VF from 0 on, until the PF has no VF of the next number. */
static int show(const char *name, const char *pf, bool json)
{
    int vf, vlan = 0, result = 0;
    virMacAddr mac = {{0}};

    for (vf = 0;; vf++) {
        result = virNetDevGetVfConfig(pf, vf, &mac, &vlan);
        if (result < 0 && result != -ENODATA)
            break;
        if (vf == 0)
            fputs(json ? "[" : "VF    MAC                VLAN\n", stdout);
        show_vf(vf, result == 0, &mac, vlan, json);
    }
    /* -ENOENT is the normal end: the number after the last VF, or 0 on a PF that has no VFs now. */
    if (result != -ENOENT)
        return failed(name);
    if (vf == 0)
        fputs(json ? "[" : "VF    MAC                VLAN\n", stdout);
    if (json)
        fputs(vf == 0 ? "]\n" : "\n]\n", stdout);
    return printed(name);
}

int main(int argc, char **argv)
{
    const char *name = argv[0] ? argv[0] : "vfset";
    virMacAddr mac;
    int vf, vlan, i, result;
    bool have_mac = false, have_vlan = false;
    /* This program does not try another MAC after a refused zero MAC, so every failure must be reported. */
    bool allow_retry = false;

    for (i = 1; i < argc; i++)
        if (strcmp(argv[i], "--help") == 0)
            return usage(stdout, name);
    if (argc < 3)
        return usage(stderr, name);
    if (strcmp(argv[1], "--show") == 0) {
        if (argv[2][0] == '\0' || argv[2][0] == '-')
            return wrong(name, "this is not the name of an interface", argv[2]);
        if (argc > 4 || (argc == 4 && strcmp(argv[3], "--json") != 0))
            return wrong(name, "not known, or given twice", argv[argc - 1]);
        return show(name, argv[2], argc == 4);
    }
    if (argv[1][0] == '\0' || argv[1][0] == '-')
        return wrong(name, "this is not the name of an interface", argv[1]);
    if (!parse_number(argv[2], 65535, &vf))
        return wrong(name, "a VF is a number from 0 to 65535", argv[2]);

    for (i = 3; i < argc; i++) {
        bool takes_value = strcmp(argv[i], "--mac") == 0 || strcmp(argv[i], "--vlan") == 0;

        if (takes_value && i + 1 == argc)
            return wrong(name, "a value is missing after", argv[i]);
        if (strcmp(argv[i], "--mac") == 0 && !have_mac) {
            if (!parse_mac(argv[++i], &mac))
                return wrong(name, "a MAC looks like 52:54:00:12:34:56", argv[i]);
            have_mac = true;
        } else if (strcmp(argv[i], "--vlan") == 0 && !have_vlan) {
            if (!parse_number(argv[++i], 4095, &vlan))
                return wrong(name, "a VLAN is a number from 0 to 4095", argv[i]);
            have_vlan = true;
        } else if (strcmp(argv[i], "--clear-vlan") == 0 && !have_vlan) {
            vlan = 0;
            have_vlan = true;
        } else {
            return wrong(name, "not known, or given twice", argv[i]);
        }
    }
    if (!have_mac && !have_vlan)
        return wrong(name, "nothing to do without --mac, --vlan or --clear-vlan for", argv[1]);

    /* A MAC that is NULL is not changed; a VLAN that is NULL is cleared if the device allows that. */
    result = virNetDevSetVfConfig(argv[1], vf, have_mac ? &mac : NULL, have_vlan ? &vlan : NULL, &allow_retry);
    return result < 0 ? failed(name) : DONE;
}
