// SPDX-License-Identifier: GPL-2.0
/*
 * Makes a PF answer as the drivers of other NICs do.
 *
 * A DPU (such as NVIDIA BlueField) owns its embedded switch. Its PF on the host accepts the MAC of a VF and refuses the
 * VLAN. What it refuses differs: mlx5 before Linux 5.17 refuses any VLAN, 0 included; later it grants the clear and
 * refuses the set; in switchdev mode a set is EOPNOTSUPP. octeon_ep has no VLAN function, and refuses a zero MAC. For a
 * VF in reset, i40e answers EAGAIN; ice answers EINVAL and does not list the VF. A PF that is down lists no VF and sets
 * nothing (octeontx2, bnx2x). mlx4 lists VLAN 4095 for no VLAN; some drivers apply or list what they refuse.
 * ctests/drivers/drivers.tsv has the drivers. The real driver does everything else: the VFs' netdevs, their physfn
 * links, the rest of RTM_GETLINK.
 *
 *   insmod dpu.ko pf=eth0 [PARAMETER=VALUE...]
 *
 * All parameters except pf can be changed in /sys/module/dpu/parameters. rmmod restores the PF.
 */
#include <linux/delay.h>
#include <linux/etherdevice.h>
#include <linux/if_link.h>
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>

#define PARAMETER(name, value, text)                                                                                   \
	static int name = value;                                                                                       \
	module_param(name, int, 0644);                                                                                 \
	MODULE_PARM_DESC(name, text)

static char *pf;
module_param(pf, charp, 0444);
MODULE_PARM_DESC(pf, "the PF that answers so");

PARAMETER(clear, EPERM, "errno for VLAN 0 with priority 0; 0 for the driver's own answer");
PARAMETER(set, EPERM, "errno for any other VLAN; 0 for the driver's own answer");
PARAMETER(mac, 0, "errno for a MAC that is not zero; 0 for the driver's own answer");
PARAMETER(zero, 0, "errno for a zero MAC; 0 for the driver's own answer");
PARAMETER(applies, 0, "1: the driver does what is then refused");
PARAMETER(lists, 0, "1: the list of VFs has what was refused last");
PARAMETER(none, 0, "the VLAN that is listed for none");
PARAMETER(slow_ms, 0, "how long each request takes");
PARAMETER(when_down, 0, "errno while the PF is down, when no VF is listed; 0 for the driver's own answers");
PARAMETER(busy, 0, "how many requests are answered busy_errno first; it is counted down; -1 for all");
PARAMETER(busy_errno, EAGAIN, "errno of a VF in reset");
PARAMETER(reset_gap, 0, "1: a VF in reset is not listed");
PARAMETER(gap, -1, "the VF that is not listed; -1 for none");
PARAMETER(only, -1, "the VF that these parameters are for; -1 for all");
PARAMETER(off, 0, "1: all answers are the driver's own");

/* When a reset that has an end ends: reset_ms after that was written. */
static unsigned long reset_end;
static bool resetting;

static int begin_reset(const char *value, const struct kernel_param *param)
{
	unsigned int ms;
	int result = kstrtouint(value, 0, &ms);

	if (result)
		return result;
	WRITE_ONCE(reset_end, jiffies + msecs_to_jiffies(ms));
	WRITE_ONCE(resetting, ms > 0);
	return 0;
}

static const struct kernel_param_ops reset_ops = { .set = begin_reset };
module_param_cb(reset_ms, &reset_ops, NULL, 0200);
MODULE_PARM_DESC(reset_ms, "a reset of all VFs begins, and ends after so many milliseconds");

static struct net_device *dev;
static const struct net_device_ops *driver;
static struct net_device_ops ours;

/* What was refused last, for `lists`. igb has at most 7 VFs. */
static struct {
	bool has_mac, has_vlan;
	u8 mac[ETH_ALEN];
	u16 vlan;
} refused[8];

/* Whether the driver itself answers for this VF. */
static bool is_plain(int vf)
{
	return READ_ONCE(off) || (READ_ONCE(only) >= 0 && READ_ONCE(only) != vf);
}

static bool in_timed_reset(void)
{
	return READ_ONCE(resetting) && time_before(jiffies, READ_ONCE(reset_end));
}

static bool is_down(const struct net_device *netdev)
{
	return READ_ONCE(when_down) && !(netdev->flags & IFF_UP);
}

/* The errno for any request now; 0: the request is looked at. The caller holds the RTNL. */
static int not_ready(const struct net_device *netdev)
{
	int left = READ_ONCE(busy);

	if (READ_ONCE(slow_ms))
		msleep(READ_ONCE(slow_ms));
	if (is_down(netdev))
		return READ_ONCE(when_down);
	if (left > 0)
		WRITE_ONCE(busy, left - 1);
	return left != 0 || in_timed_reset() ? READ_ONCE(busy_errno) : 0;
}

static int dpu_set_vf_mac(struct net_device *netdev, int vf, u8 *address)
{
	int answer, result = 0;

	if (is_plain(vf))
		return driver->ndo_set_vf_mac(netdev, vf, address);
	answer = not_ready(netdev);
	if (answer)
		return -answer;
	answer = is_zero_ether_addr(address) ? READ_ONCE(zero) : READ_ONCE(mac);
	if (!answer || READ_ONCE(applies))
		result = driver->ndo_set_vf_mac(netdev, vf, address);
	if (vf >= 0 && vf < ARRAY_SIZE(refused)) {
		refused[vf].has_mac = answer && READ_ONCE(lists);
		ether_addr_copy(refused[vf].mac, address);
	}
	return answer ? -answer : result;
}

static int dpu_set_vf_vlan(struct net_device *netdev, int vf, u16 vlan, u8 qos, __be16 proto)
{
	int answer, result = 0;

	if (is_plain(vf))
		return driver->ndo_set_vf_vlan(netdev, vf, vlan, qos, proto);
	answer = not_ready(netdev);
	if (answer)
		return -answer;
	answer = vlan || qos ? READ_ONCE(set) : READ_ONCE(clear);
	if (!answer || READ_ONCE(applies))
		result = driver->ndo_set_vf_vlan(netdev, vf, vlan, qos, proto);
	if (vf >= 0 && vf < ARRAY_SIZE(refused)) {
		refused[vf].has_vlan = answer && READ_ONCE(lists);
		refused[vf].vlan = vlan;
	}
	return answer ? -answer : result;
}

static int dpu_get_vf_config(struct net_device *netdev, int vf, struct ifla_vf_info *info)
{
	bool in_reset = READ_ONCE(busy) != 0 || in_timed_reset();
	int result;

	if (is_plain(vf))
		return driver->ndo_get_vf_config(netdev, vf, info);
	if (is_down(netdev) || vf == READ_ONCE(gap) || (in_reset && READ_ONCE(reset_gap)))
		return -EBUSY;
	result = driver->ndo_get_vf_config(netdev, vf, info);
	if (!result && !info->vlan && !info->qos)
		info->vlan = READ_ONCE(none);
	if (!result && vf < ARRAY_SIZE(refused) && refused[vf].has_mac)
		ether_addr_copy(info->mac, refused[vf].mac);
	if (!result && vf < ARRAY_SIZE(refused) && refused[vf].has_vlan)
		info->vlan = refused[vf].vlan;
	return result;
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
MODULE_DESCRIPTION("A PF that answers as the drivers of other NICs do");
