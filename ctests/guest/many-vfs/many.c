// SPDX-License-Identifier: GPL-2.0
/*
 * A PF with any number of VFs, for there is no NIC with so many here.
 *
 * The PF is a netdev, many0, whose device is on a bus of our own: the kernel asks that bus how many VFs there are,
 * and the netdev's functions of them. A VF is a MAC, a VLAN and a priority that can be set and are listed.
 *
 *   insmod many.ko [vfs=N] [gap=VF,VF...] [clear=ERRNO] [set=ERRNO] [netdevs=1]
 *
 * vfs          how many VFs (0 to 4,096)
 * gap          the VFs that are left out of the list, as drivers leave out a VF in reset (up to 16; -1 is none)
 * clear, set   answer to VLAN 0 with priority 0, and to any other; 0, the default, is to grant it
 * netdevs      each VF has a device and a netdev too, manyvfN, with the links between VF and PF that a PCI device's
 *              have (physfn, virtfnN), and a name that is a PCI address; as many as vfs says at the start
 *
 * All but the last can be changed in /sys/module/many/parameters. For VF n of a PF that has just been made, the MAC
 * is 52:54:00:01:HH:LL (n in the last two bytes), VLAN n % 4,095 if n is odd, else 0.
 */
#include <linux/device.h>
#include <linux/etherdevice.h>
#include <linux/if_link.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <linux/sysfs.h>

#define VFS_MAX 4096
#define GAPS_MAX 16

static unsigned int vfs = 64;
module_param(vfs, uint, 0644);
MODULE_PARM_DESC(vfs, "how many VFs");

static int gap[GAPS_MAX] = { [0 ... GAPS_MAX - 1] = -1 };
static int gaps;
module_param_array(gap, int, &gaps, 0644);
MODULE_PARM_DESC(gap, "VFs that are not listed, -1 for none");

static int clear;
module_param(clear, int, 0644);
MODULE_PARM_DESC(clear, "errno for VLAN 0, 0 to grant it");

static int set;
module_param(set, int, 0644);
MODULE_PARM_DESC(set, "errno for any other VLAN, 0 to grant it");

static bool netdevs;
module_param(netdevs, bool, 0444);
MODULE_PARM_DESC(netdevs, "a device and a netdev for each VF");

struct vf {
	u8 mac[ETH_ALEN];
	u16 vlan;
	u8 qos;
	struct device *device;
	struct net_device *netdev;
	char link[16];
};

static struct vf table[VFS_MAX];
static unsigned int made;
static struct device *root, *pf_device;
static struct net_device *pf;

static int many_num_vf(struct device *device)
{
	return device == pf_device ? (int)min_t(unsigned int, READ_ONCE(vfs), VFS_MAX) : 0;
}

static struct bus_type many_bus = {
	.name = "many",
	.num_vf = many_num_vf,
};

/* --- what a PF's driver is asked of its VFs ------------------------------------------------------- */

static struct vf *vf_of(int vf)
{
	return vf >= 0 && vf < many_num_vf(pf_device) ? &table[vf] : NULL;
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
	int answer = vlan || qos ? READ_ONCE(set) : READ_ONCE(clear);
	struct vf *vf = vf_of(number);

	if (!vf || vlan > 4095 || qos > 7)
		return -EINVAL;
	if (answer)
		return -answer;
	vf->vlan = vlan;
	vf->qos = qos;
	return 0;
}

static int many_get_vf_config(struct net_device *netdev, int number, struct ifla_vf_info *info)
{
	struct vf *vf = vf_of(number);
	int i;

	if (!vf)
		return -EINVAL;
	for (i = 0; i < READ_ONCE(gaps) && i < GAPS_MAX; i++)
		if (gap[i] == number)
			return -EBUSY;
	info->vf = number;
	ether_addr_copy(info->mac, vf->mac);
	info->vlan = vf->vlan;
	info->qos = vf->qos;
	return 0;
}

/* There is no wire. */
static netdev_tx_t many_xmit(struct sk_buff *skb, struct net_device *netdev)
{
	dev_kfree_skb(skb);
	return NETDEV_TX_OK;
}

static const struct net_device_ops pf_ops = {
	.ndo_start_xmit = many_xmit,
	.ndo_set_mac_address = eth_mac_addr,
	.ndo_set_vf_mac = many_set_vf_mac,
	.ndo_set_vf_vlan = many_set_vf_vlan,
	.ndo_get_vf_config = many_get_vf_config,
};

static const struct net_device_ops vf_ops = {
	.ndo_start_xmit = many_xmit,
	.ndo_set_mac_address = eth_mac_addr,
};

/* --- devices and netdevs -------------------------------------------------------------------------- */

static void many_release(struct device *device)
{
	kfree(device);
}

static struct device *add_device(const char *name)
{
	struct device *device = kzalloc(sizeof(*device), GFP_KERNEL);
	int error;

	if (!device)
		return ERR_PTR(-ENOMEM);
	device->bus = &many_bus;
	device->parent = root;
	device->release = many_release;
	error = dev_set_name(device, "%s", name);
	if (!error)
		error = device_register(device);
	else
		device_initialize(device);
	if (error) {
		put_device(device);
		return ERR_PTR(error);
	}
	return device;
}

static struct net_device *add_netdev(const char *name, const u8 *mac, struct device *device,
				     const struct net_device_ops *ops)
{
	struct net_device *netdev = alloc_netdev(0, name, NET_NAME_USER, ether_setup);
	int error;

	if (!netdev)
		return ERR_PTR(-ENOMEM);
	SET_NETDEV_DEV(netdev, device);
	netdev->netdev_ops = ops;
	eth_hw_addr_set(netdev, mac);
	error = register_netdev(netdev);
	if (error) {
		free_netdev(netdev);
		return ERR_PTR(error);
	}
	return netdev;
}

/* What has been made when it fails, remove_vf() removes. */
static int add_vf(unsigned int number)
{
	struct vf *vf = &table[number];
	char name[24];
	int error;

	/* A domain of its own: no real device has such an address. */
	snprintf(name, sizeof(name), "0abc:%02x:%02x.%x", 1 + (number >> 8), (number >> 3) & 31, number & 7);
	vf->device = add_device(name);
	if (IS_ERR(vf->device))
		return PTR_ERR(vf->device);
	error = sysfs_create_link(&vf->device->kobj, &pf_device->kobj, "physfn");
	if (error)
		return error;
	snprintf(name, sizeof(name), "virtfn%u", number);
	error = sysfs_create_link(&pf_device->kobj, &vf->device->kobj, name);
	if (error)
		return error;
	strscpy(vf->link, name, sizeof(vf->link));
	snprintf(name, sizeof(name), "manyvf%u", number);
	vf->netdev = add_netdev(name, vf->mac, vf->device, &vf_ops);
	return PTR_ERR_OR_ZERO(vf->netdev);
}

static void remove_vf(struct vf *vf)
{
	if (!IS_ERR_OR_NULL(vf->netdev)) {
		unregister_netdev(vf->netdev);
		free_netdev(vf->netdev);
	}
	if (vf->link[0])
		sysfs_remove_link(&pf_device->kobj, vf->link);
	if (!IS_ERR_OR_NULL(vf->device)) {
		sysfs_remove_link(&vf->device->kobj, "physfn");
		device_unregister(vf->device);
	}
}

static void remove_all(void)
{
	while (made)
		remove_vf(&table[--made]);
	if (!IS_ERR_OR_NULL(pf)) {
		unregister_netdev(pf);
		free_netdev(pf);
	}
	if (!IS_ERR_OR_NULL(pf_device))
		device_unregister(pf_device);
	if (!IS_ERR_OR_NULL(root))
		root_device_unregister(root);
	bus_unregister(&many_bus);
}

static int __init many_init(void)
{
	static const u8 pf_mac[ETH_ALEN] = { 0x52, 0x54, 0x00, 0x02, 0x00, 0x00 };
	unsigned int number;
	int error;

	if (vfs > VFS_MAX)
		return -EINVAL;
	for (number = 0; number < VFS_MAX; number++) {
		const u8 mac[ETH_ALEN] = { 0x52, 0x54, 0x00, 0x01, number >> 8, number & 0xff };

		ether_addr_copy(table[number].mac, mac);
		table[number].vlan = number % 2 ? number % 4095 : 0;
	}
	error = bus_register(&many_bus);
	if (error)
		return error;
	root = root_device_register("many");
	error = PTR_ERR_OR_ZERO(root);
	if (error)
		goto fail;
	pf_device = add_device("0abc:00:00.0");
	error = PTR_ERR_OR_ZERO(pf_device);
	if (error)
		goto fail;
	pf = add_netdev("many0", pf_mac, pf_device, &pf_ops);
	error = PTR_ERR_OR_ZERO(pf);
	if (error)
		goto fail;
	while (netdevs && made < vfs) {
		error = add_vf(made++);
		if (error)
			goto fail;
	}
	return 0;
fail:
	remove_all();
	return error;
}

static void __exit many_exit(void)
{
	remove_all();
}

module_init(many_init);
module_exit(many_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("A PF with any number of VFs");
