// SPDX-License-Identifier: GPL-2.0
/*
 * Makes a PF answer as one of a SmartNIC DPU does, or as one whose VFs are in reset.
 *
 * A DPU (NVIDIA BlueField, for one) keeps its embedded switch to itself. Its PF on the host takes a VF's MAC
 * and refuses its VLAN. What exactly it refuses differs: mlx5 before Linux 5.17 refuses any VLAN, 0 included;
 * since then it grants the clear and refuses the set; in switchdev mode a set is EOPNOTSUPP. A VF in reset is
 * answered EAGAIN (i40e) or EBUSY (ice, ionic), whatever is set, and drivers leave it out of the list of VFs.
 * Everything else stays the real driver's: the VFs' netdevs, their physfn links, what RTM_GETLINK returns.
 *
 *   insmod dpu.ko pf=eth0 [clear=ERRNO] [set=ERRNO] [busy=N] [busy_errno=ERRNO] [gap=VF]
 *
 * clear       answer to VLAN 0 with priority 0; set: answer to any other. 0 asks the real driver; both are
 *             EPERM unless the command line says otherwise
 * busy        how many of the next requests to set a MAC or a VLAN are answered with busy_errno (default
 *             EAGAIN) first; it is counted down. -1: all of them
 * gap         the VF that is left out of the list; -1: none
 *
 * All can be changed in /sys/module/dpu/parameters. rmmod gives the PF back.
 */
#include <linux/if_link.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>

static char *pf;
module_param(pf, charp, 0444);
MODULE_PARM_DESC(pf, "the PF that answers so");

static int clear = EPERM;
module_param(clear, int, 0644);
MODULE_PARM_DESC(clear, "errno for VLAN 0, 0 for the driver's own answer");

static int set = EPERM;
module_param(set, int, 0644);
MODULE_PARM_DESC(set, "errno for any other VLAN, 0 for the driver's own answer");

static int busy;
module_param(busy, int, 0644);
MODULE_PARM_DESC(busy, "how many requests are answered busy_errno before, -1 for all");

static int busy_errno = EAGAIN;
module_param(busy_errno, int, 0644);
MODULE_PARM_DESC(busy_errno, "errno of a VF in reset");

static int gap = -1;
module_param(gap, int, 0644);
MODULE_PARM_DESC(gap, "the VF that is not listed, -1 for none");

static struct net_device *dev;
static const struct net_device_ops *driver;
static struct net_device_ops ours;

/* Whether this request is one of those that meet a VF in reset. The callers hold the RTNL. */
static bool in_reset(void)
{
	int left = READ_ONCE(busy);

	if (left > 0)
		WRITE_ONCE(busy, left - 1);
	return left != 0;
}

static int dpu_set_vf_mac(struct net_device *netdev, int vf, u8 *mac)
{
	return in_reset() ? -READ_ONCE(busy_errno) : driver->ndo_set_vf_mac(netdev, vf, mac);
}

static int dpu_set_vf_vlan(struct net_device *netdev, int vf, u16 vlan, u8 qos, __be16 proto)
{
	int answer = vlan || qos ? READ_ONCE(set) : READ_ONCE(clear);

	if (in_reset())
		return -READ_ONCE(busy_errno);
	return answer ? -answer : driver->ndo_set_vf_vlan(netdev, vf, vlan, qos, proto);
}

static int dpu_get_vf_config(struct net_device *netdev, int vf, struct ifla_vf_info *info)
{
	return vf == READ_ONCE(gap) ? -EBUSY : driver->ndo_get_vf_config(netdev, vf, info);
}

static int __init dpu_init(void)
{
	if (!pf)
		return -EINVAL;
	dev = dev_get_by_name(&init_net, pf);
	if (!dev)
		return -ENODEV;
	rtnl_lock();
	driver = dev->netdev_ops;
	if (!driver->ndo_set_vf_mac || !driver->ndo_set_vf_vlan || !driver->ndo_get_vf_config) {
		rtnl_unlock();
		dev_put(dev);
		return -EOPNOTSUPP;
	}
	ours = *driver;
	ours.ndo_set_vf_mac = dpu_set_vf_mac;
	ours.ndo_set_vf_vlan = dpu_set_vf_vlan;
	ours.ndo_get_vf_config = dpu_get_vf_config;
	dev->netdev_ops = &ours;
	rtnl_unlock();
	return 0;
}

static void __exit dpu_exit(void)
{
	rtnl_lock();
	dev->netdev_ops = driver;
	rtnl_unlock();
	dev_put(dev);
}

module_init(dpu_init);
module_exit(dpu_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("A PF whose embedded switch the host may not touch, or whose VFs are in reset");
