/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Sets and shows the MAC and the VLAN of SR-IOV VFs through libvirnetdevvf, as libvirt does for a guest.
 *
 * For an operator on a host with an SR-IOV NIC, and an example of the header's use. See usage() below and vfset(8).
 */
#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <virnetdevvf.h>

/* Exit statuses. */
enum { DONE = 0, REFUSED = 1, BAD_USAGE = 2 };

/* Flushes standard output; output that could not be written is a failure. */
static int printed(void)
{
    if (fflush(stdout) != 0 || ferror(stdout))
        err(REFUSED, "standard output");
    return DONE;
}

static int usage(FILE *to)
{
    fputs("usage: vfset PF VF [--mac MAC] [--vlan ID | --clear-vlan]\n"
          "       vfset --show PF [--json]\n"
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
          to);
    return to == stdout ? printed() : BAD_USAGE;
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

/* Parses six pairs of hexadecimal digits with colons between them. ether_aton() also accepts single digits. */
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
static int show(const char *pf, bool json)
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
        errx(REFUSED, "%s", virNetDevVfLastError());
    if (vf == 0)
        fputs(json ? "[" : "VF    MAC                VLAN\n", stdout);
    if (json)
        fputs(vf == 0 ? "]\n" : "\n]\n", stdout);
    return printed();
}

int main(int argc, char **argv)
{
    enum { MAC, VLAN, SHOW, JSON, HELP, OPTIONS };
    static const struct option options[] = {
        {"mac", required_argument, NULL, MAC},   {"vlan", required_argument, NULL, VLAN},
        {"clear-vlan", no_argument, NULL, VLAN}, {"show", no_argument, NULL, SHOW},
        {"json", no_argument, NULL, JSON},       {"help", no_argument, NULL, HELP},
        {NULL, 0, NULL, 0},
    };
    const char *given[OPTIONS] = {NULL};
    virMacAddr mac;
    int vf, vlan, option, index;
    /* This program does not try another MAC after a refused zero MAC, so every failure must be reported. */
    bool allow_retry = false;

    while ((option = getopt_long(argc, argv, "", options, &index)) != -1) {
        /* getopt_long() has reported what is wrong. */
        if (option == '?')
            return BAD_USAGE;
        if (given[option])
            errx(BAD_USAGE, "given twice: '--%s' (see --help)", options[index].name);
        /* --clear-vlan is --vlan 0. */
        given[option] = optarg ? optarg : "0";
    }
    argv += optind;
    if (given[HELP])
        return usage(stdout);
    if (argc - optind != (given[SHOW] ? 1 : 2) || (given[SHOW] ? given[MAC] || given[VLAN] : given[JSON] != NULL))
        return usage(stderr);
    if (given[SHOW])
        return show(argv[0], given[JSON]);

    if (!parse_number(argv[1], 65535, &vf))
        errx(BAD_USAGE, "a VF is a number from 0 to 65535: '%s' (see --help)", argv[1]);
    if (given[MAC] && !parse_mac(given[MAC], &mac))
        errx(BAD_USAGE, "a MAC looks like 52:54:00:12:34:56: '%s' (see --help)", given[MAC]);
    if (given[VLAN] && !parse_number(given[VLAN], 4095, &vlan))
        errx(BAD_USAGE, "a VLAN is a number from 0 to 4095: '%s' (see --help)", given[VLAN]);
    if (!given[MAC] && !given[VLAN])
        errx(BAD_USAGE, "nothing to do without --mac, --vlan or --clear-vlan (see --help)");

    /* A MAC that is NULL is not changed; a VLAN that is NULL is cleared if the device allows that. */
    if (virNetDevSetVfConfig(argv[0], vf, given[MAC] ? &mac : NULL, given[VLAN] ? &vlan : NULL, &allow_retry) < 0)
        errx(REFUSED, "%s", virNetDevVfLastError());
    return DONE;
}
