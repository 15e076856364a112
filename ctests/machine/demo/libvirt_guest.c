/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Does with a VF what libvirt's daemon does when a guest starts and stops, by the functions of the installed
 * libvirt.so.0: saves the VF's state in a file and sets the guest's MAC and VLAN; at the end sets the saved state.
 *
 *   libvirt_guest start | stop  hostdev  PF VF    DIRECTORY MAC VLAN
 *   libvirt_guest start | stop  direct   NETDEV - DIRECTORY MAC VLAN
 *
 * NETDEV: the VF's network interface. VLAN: 0 for a guest without one. DIRECTORY: where the state is saved.
 * direct is macvtap: after a start that failed, libvirt 9.0's QEMU driver restores the VF. Its LXC driver, 11.3's QEMU
 * driver and this program do not.
 * With the library in LD_PRELOAD, libvirt.so.0 calls it, as the daemon does. The functions have no header: they are
 * libvirt's own (LIBVIRT_PRIVATE), the same in 9.0 to 11.3. Exit status: 0, or 1 with libvirt's message.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct vlan {
    bool trunk;
    int count;
    unsigned int *tags;
    int native_mode;
    unsigned int native_tag;
};

int virInitialize(void);
const char *virGetLastErrorMessage(void);
void virSetErrorFunc(void *data, void (*handler)(void *data, void *error));
int virNetDevSaveNetConfig(const char *device, int vf, const char *directory, bool vlan);
int virNetDevReadNetConfig(const char *device, int vf, const char *directory, unsigned char **admin, struct vlan **vlan,
                           unsigned char **mac);
int virNetDevSetNetConfig(const char *device, int vf, const unsigned char *admin, const struct vlan *vlan,
                          const unsigned char *mac, bool set_vlan);

static void quiet(void *data, void *error)
{
    (void)data;
    (void)error;
}

static int start(bool hostdev, const char *device, int vf, const char *directory, const unsigned char *mac,
                 unsigned int tag)
{
    struct vlan vlan = {.count = 1, .tags = &tag};
    const struct vlan *wanted = tag ? &vlan : NULL;

    if (virNetDevSaveNetConfig(device, vf, directory, true) < 0)
        return -1;
    /* hostdev: the PF's driver gets the MAC, and without a VLAN an implicit clear is sent. direct: the VF's network
     * interface gets the MAC, and without a VLAN an explicit clear is sent. */
    return hostdev ? virNetDevSetNetConfig(device, vf, mac, wanted, NULL, wanted != NULL)
                   : virNetDevSetNetConfig(device, vf, NULL, wanted, mac, true);
}

static int stop(bool hostdev, const char *device, int vf, const char *directory)
{
    unsigned char *admin = NULL, *mac = NULL;
    struct vlan *vlan = NULL;

    if (virNetDevReadNetConfig(device, vf, directory, &admin, &vlan, &mac) < 0)
        return -1;
    /* What virNetDevReadNetConfig() has allocated is freed as this program ends. */
    return hostdev ? virNetDevSetNetConfig(device, vf, mac ? mac : admin, vlan, NULL, true)
                   : virNetDevSetNetConfig(device, vf, admin, vlan, mac, vlan != NULL);
}

int main(int argc, char **argv)
{
    bool hostdev = argc == 8 && strcmp(argv[2], "hostdev") == 0;
    unsigned char mac[6];
    int vf, result;

    if (argc != 8 || sscanf(argv[6], "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", &mac[0], &mac[1], &mac[2], &mac[3], &mac[4],
                            &mac[5]) != 6) {
        fprintf(stderr, "usage: %s start|stop hostdev|direct DEVICE VF DIRECTORY MAC VLAN\n", argv[0]);
        return 2;
    }
    if (virInitialize() < 0)
        return 2;
    virSetErrorFunc(NULL, quiet);
    vf = hostdev ? atoi(argv[4]) : -1;
    result = strcmp(argv[1], "start") == 0
                 ? start(hostdev, argv[3], vf, argv[5], mac, (unsigned int)atoi(argv[7]))
                 : stop(hostdev, argv[3], vf, argv[5]);
    if (result < 0)
        fprintf(stderr, "%s\n", virGetLastErrorMessage());
    return result < 0;
}
