// SPDX-License-Identifier: GPL-2.0
/*
 * A PF with any number of VFs, because no NIC here has so many.
 *
 * The PF is a netdev, many0. The kernel asks the bus of its device for the number of VFs, and the netdev's functions
 * about them. A VF is a MAC and a VLAN that can be set and are listed.
 *
 *   insmod many.ko [vfs=N] [gap=VF] [clear=ERRNO] [set=ERRNO] [netdevs=1]
 *
 * vfs          how many VFs (0 to 4,096)
 * gap          the VF that is left out of the list, as drivers leave out a VF in reset; -1, the default, is none
 * clear, set   answer to VLAN 0, and to any other VLAN; 0, the default, grants it
 * netdevs      each VF has a device and a netdev too, manyvfN, with the links between VF and PF that a PCI device's
 *              have (physfn, virtfnN), and a name that is a PCI address; as many as vfs says at the start
 *
 * All except the last can be changed in /sys/module/many/parameters. At first VF n has the MAC 52:54:00:01:HH:LL (n in
 * the last two bytes) and VLAN n % 4,095 if n is odd, else 0.
 */
#include <linux/device.h>
#include <linux/etherdevice.h>
#include <linux/if_link.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/sysfs.h>

#define VFS_MAX 4096

static int vfs = 64, gap = -1, clear, set;
static bool netdevs;
module_param(vfs, int, 0644);
module_param(gap, int, 0644);
module_param(clear, int, 0644);
module_param(set, int, 0644);
module_param(netdevs, bool, 0444);

struct vf {
	u8 mac[ETH_ALEN];
	u16 vlan;
	struct device *device;
	struct net_device *netdev;
};

/* The last one is the PF. */
static struct vf table[VFS_MAX + 1];
static struct vf *const pf = &table[VFS_MAX];

static int many_num_vf(struct device *device)
{
	return clamp(READ_ONCE(vfs), 0, VFS_MAX);
}

/* Not registered: only the PF's device refers to it, and the kernel calls only this function. */
static struct bus_type many_bus = { .name = "many", .num_vf = many_num_vf };

/* --- requests about VFs ---------------------------------------------------------------------------- */

static struct vf *vf_of(int vf)
{
	return vf >= 0 && vf < many_num_vf(NULL) ? &table[vf] : NULL;
}

static int many_set_vf_mac(struct net_device *netdev, int number, u8 *mac)
{
	struct vf *vf = vf_of(number);

	if (!vf || is_multicast_ether_addr(mac))
		return -EINVAL;
	ether_addr_copy(vf->mac, mac);
	return 0;
}

static int many_set_vf_vlan(struct net_device *netdev, int number, u16 vlan, u8 qos, __be16 proto)
{
	int answer = vlan ? READ_ONCE(set) : READ_ONCE(clear);
	struct vf *vf = vf_of(number);

	if (!vf || vlan > 4095)
		return -EINVAL;
	if (answer)
		return -answer;
	vf->vlan = vlan;
	return 0;
}

static int many_get_vf_config(struct net_device *netdev, int number, struct ifla_vf_info *info)
{
	struct vf *vf = vf_of(number);

	if (!vf || number == READ_ONCE(gap))
		return -EBUSY;
	info->vf = number;
	ether_addr_copy(info->mac, vf->mac);
	info->vlan = vf->vlan;
	return 0;
}

/* There is no wire. */
static netdev_tx_t many_xmit(struct sk_buff *skb, struct net_device *netdev)
{
	dev_kfree_skb(skb);
	return NETDEV_TX_OK;
}

static const struct net_device_ops many_ops = {
	.ndo_start_xmit = many_xmit,
	.ndo_set_mac_address = eth_mac_addr,
	.ndo_set_vf_mac = many_set_vf_mac,
	.ndo_set_vf_vlan = many_set_vf_vlan,
	.ndo_get_vf_config = many_get_vf_config,
};

/* --- devices and netdevs -------------------------------------------------------------------------- */

/* If it fails, many_exit() removes what was made. */
static int add(struct vf *vf, const char *address, const char *name)
{
	int error;

	vf->device = root_device_register(address);
	if (IS_ERR(vf->device))
		return PTR_ERR(vf->device);
	vf->netdev = alloc_netdev(0, name, NET_NAME_USER, ether_setup);
	if (!vf->netdev)
		return -ENOMEM;
	SET_NETDEV_DEV(vf->netdev, vf->device);
	vf->netdev->netdev_ops = &many_ops;
	eth_hw_addr_set(vf->netdev, vf->mac);
	error = register_netdev(vf->netdev);
	if (error) {
		free_netdev(vf->netdev);
		vf->netdev = NULL;
	}
	return error;
}

static int add_vf(int number)
{
	struct vf *vf = &table[number];
	char address[24], name[24];
	int error;

	/* In a PCI domain that no real device has. */
	snprintf(address, sizeof(address), "0abc:%02x:%02x.%x", 1 + (number >> 8), (number >> 3) & 31, number & 7);
	snprintf(name, sizeof(name), "manyvf%d", number);
	error = add(vf, address, name);
	if (!error)
		error = sysfs_create_link(&vf->device->kobj, &pf->device->kobj, "physfn");
	snprintf(name, sizeof(name), "virtfn%d", number);
	return error ? error : sysfs_create_link(&pf->device->kobj, &vf->device->kobj, name);
}

static void many_exit(void)
{
	struct vf *vf;

	for (vf = table; vf <= pf; vf++) {
		if (vf->netdev) {
			unregister_netdev(vf->netdev);
			free_netdev(vf->netdev);
		}
		if (!IS_ERR_OR_NULL(vf->device)) {
			vf->device->bus = NULL;
			root_device_unregister(vf->device);
		}
	}
}

static int __init many_init(void)
{
	int error, number;

	for (number = 0; number <= VFS_MAX; number++) {
		const u8 mac[ETH_ALEN] = { 0x52, 0x54, 0x00, 0x01, number >> 8, number & 0xff };

		ether_addr_copy(table[number].mac, mac);
		table[number].vlan = number % 2 ? number % 4095 : 0;
	}
	error = add(pf, "0abc:00:00.0", "many0");
	if (!error)
		pf->device->bus = &many_bus;
	for (number = 0; !error && netdevs && number < many_num_vf(NULL); number++)
		error = add_vf(number);
	if (error)
		many_exit();
	return error;
}

module_init(many_init);
module_exit(many_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("A PF with any number of VFs");
