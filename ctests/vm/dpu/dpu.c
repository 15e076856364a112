// SPDX-License-Identifier: GPL-2.0
/*
 * Makes a PF behave as one of a SmartNIC DPU.
 *
 * Such a device (NVIDIA BlueField, for one) keeps its embedded switch to itself. Its PF on the host takes
 * a VF's MAC and refuses its VLAN. What exactly it refuses differs: older mlx5 drivers refuse any VLAN,
 * 0 included; newer ones grant the clear and refuse the set; outside legacy eswitch mode a set is
 * EOPNOTSUPP. So there are two errnos here. Everything else stays the real driver's: the VFs' netdevs,
 * their physfn links, what RTM_GETLINK tells.
 *
 *   insmod dpu.ko pf=eth0 [clear=ERRNO] [set=ERRNO]
 *
 * clear: answer to VLAN 0 with priority 0; set: answer to any other. 0 asks the real driver; both are
 * EPERM unless said otherwise, and can be changed in /sys/module/dpu/parameters. rmmod gives the PF back.
 */
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>

static char *pf;
module_param(pf, charp, 0444);
MODULE_PARM_DESC(pf, "the PF that becomes a DPU's");

static int clear = EPERM;
module_param(clear, int, 0644);
MODULE_PARM_DESC(clear, "errno for VLAN 0, 0 for the driver's own answer");

static int set = EPERM;
module_param(set, int, 0644);
MODULE_PARM_DESC(set, "errno for any other VLAN, 0 for the driver's own answer");

static struct net_device *dev;
static const struct net_device_ops *driver;
static struct net_device_ops ours;

static int dpu_set_vf_vlan(struct net_device *netdev, int vf, u16 vlan, u8 qos, __be16 proto)
{
	int answer = vlan || qos ? READ_ONCE(set) : READ_ONCE(clear);

	return answer ? -answer : driver->ndo_set_vf_vlan(netdev, vf, vlan, qos, proto);
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
	if (!driver->ndo_set_vf_vlan) {
		rtnl_unlock();
		dev_put(dev);
		return -EOPNOTSUPP;
	}
	ours = *driver;
	ours.ndo_set_vf_vlan = dpu_set_vf_vlan;
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
MODULE_DESCRIPTION("A PF whose embedded switch the host may not touch");
