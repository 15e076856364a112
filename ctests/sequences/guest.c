/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A guest of libvirt, and what must hold after each of its stages. See sequences.h.
 *
 * Before a start, libvirt reads the VF. If that fails, the guest does not start. If a configuration fails and a retry
 * is allowed, libvirt tries once more with the fallback MAC, 02:00:00:00:00:00.
 *
 * For a hostdev guest, libvirt sets the MAC through the PF, and a VLAN only if the guest has one. If the start fails,
 * libvirt does nothing more. For a direct guest (macvtap, mode passthrough), libvirt sets the MAC on the VF's netdev,
 * and always names a VLAN. If the start fails, libvirt stops the guest. A stop restores what libvirt read before the
 * start. libvirt 12.8 and newer can change the VLAN of a direct guest that runs.
 */
#include <errno.h>

#include "sequences.h"

#define FORMER {{0x52, 0x54, 0, 0, 0, 0xf}}
#define GUEST {{0x52, 0x54, 0, 0, 0, 0x99}}
const virMacAddr zero_mac = {{0}}, alternative_mac = {{2}}, guest_mac = GUEST;
static const int vlan_0 = 0, vlan_42 = 42, vlan_43 = 43;

static struct {
    bool direct;
    /* NULL: no VLAN. */
    const int *vlan;
    /* What libvirt read before the start. A stop restores it. */
    struct vf before;
    int vlan_before;
} guest;

/* --- stages ------------------------------------------------------------------------------------- */

static void judge_start(const struct vf *before, bool started, bool lied, enum event event)
{
    bool asked = guest.vlan && *guest.vlan != 0;
    bool harmless = !event_came || (event == RESET_ENDS && driver.wait_ms < 1000);
    /* qlcnic refuses the MAC that the VF has already. */
    bool has_mac = same_mac(&before->mac, &guest_mac) && (driver.same == 0 || driver.same == EINVAL);
    bool mac = guest.direct || has_mac || driver.mac == 0;
    bool vlan = asked ? driver.set == 0 : driver.clear == 0 || is_vlan(&before->vlan, 0);

    if (!started && harmless && mac && vlan && !lied && driver.list != LISTS_NONE &&
        (library.get_config || event != RESET_ENDS))
        broken(STARTS, "does not start: \"%s\"", words);
    if (started) {
        int due = asked ? *guest.vlan : 0;

        if (!is_vlan(&vf.vlan, (unsigned)due) && not_known)
            limited[LEFT_VLAN]++;
        else if (!is_vlan(&vf.vlan, (unsigned)due) && !lied)
            broken(RUNS, "runs with VLAN %u priority %u protocol %x, expected %d", vf.vlan.id, vf.vlan.qos,
                   vf.vlan.protocol, due);
        return;
    }
    if (!certain)
        return;
    /* The former MAC may not be known, or cannot be set. */
    bool excused = event_came || driver.mac != 0;

    if (!same_mac(&vf.mac, &before->mac) &&
        !(same_mac(&vf.mac, &alternative_mac) && same_mac(&before->mac, &zero_mac) && says("02:00:00:00:00:00")) &&
        !(excused && (says("again failed") || says("MAC is not known") || says("not known whether the former MAC") ||
                      says("the MAC is now")))) {
        /* If the VF has this VLAN already, or lists it, the start looks like a stop. */
        if (asked && ((unsigned)*guest.vlan == before->vlan.id || lied))
            limited[START_LIKE_STOP]++;
        else
            broken(LEFT, "MAC %02x:..:%02x stays, expected ..:%02x: \"%s\"", vf.mac.addr[0], vf.mac.addr[5],
                   before->mac.addr[5], words);
    }
    if (!same_vlan(&vf.vlan, &before->vlan) && driver.effect == NO_EFFECT)
        broken(LEFT, "VLAN %u stays, expected %u", vf.vlan.id, before->vlan.id);
}

static bool start(enum event event)
{
    struct vf before = vf;
    bool lied = list_lies(), started;

    stage_begins("start");
    snprintf(words, sizeof(words), "the VF cannot be read");
    started = read_config(&guest.before, &guest.vlan_before);
    if (started)
        started = guest.direct ? set_config(NULL, guest.vlan ? guest.vlan : &vlan_0, true)
                               : set_config(&guest_mac, guest.vlan, true);
    judge_start(&before, started, lied, event);
    stage_ends();
    return started;
}

static void change(void)
{
    struct vf before = vf;

    stage_begins("live change to VLAN 43");
    if (!set_config(NULL, &vlan_43, true) && certain &&
        (!same_mac(&vf.mac, &before.mac) || (!same_vlan(&vf.vlan, &before.vlan) && driver.effect == NO_EFFECT)))
        broken(LIVE, "refused, but MAC %02x:..:%02x VLAN %u, expected ..:%02x VLAN %u", vf.mac.addr[0], vf.mac.addr[5],
               vf.vlan.id, before.mac.addr[5], before.vlan.id);
    stage_ends();
}

static void stop(enum event event)
{
    struct vf before = vf;
    bool lied = list_lies();

    stage_begins("stop");
    if (guest.direct)
        set_config(NULL, &guest.vlan_before, true);
    else
        set_config(&guest.before.mac, &guest.vlan_before, true);
    if (!guest.direct && !lied && driver.mac == 0) {
        bool other_vlan = guest.vlan_before != 0 && (unsigned)guest.vlan_before != before.vlan.id;
        const virMacAddr *due =
            same_mac(&guest.before.mac, &zero_mac) && driver.zero != 0 ? &alternative_mac : &guest.before.mac;
        bool left = same_mac(&vf.mac, &guest_mac) && !same_mac(due, &guest_mac);

        if (left && restored && other_vlan)
            limited[STOP_LIKE_START]++;
        else if (event == NO_EVENT ? !same_mac(&vf.mac, due) : left && restored && certain)
            broken(STOP, "MAC %02x:..:%02x stays, expected %02x:..:%02x", vf.mac.addr[0], vf.mac.addr[5], due->addr[0],
                   due->addr[5]);
    }
    stage_ends();
}

/* --- all guests --------------------------------------------------------------------------------- */

static const struct state {
    const char *name;
    struct vf vf;
} states[] = {
    {"no VLAN", {.mac = FORMER}},
    {"VLAN 42 of the last guest", {.mac = FORMER, .vlan = {.id = 42}}},
    {"VLAN 7", {.mac = FORMER, .vlan = {.id = 7}}},
    {"a priority only", {.mac = FORMER, .vlan = {.qos = 3}}},
    {"802.1ad VLAN 42", {.mac = FORMER, .vlan = {.id = 42, .protocol = 0x88a8}}},
    {"MAC zero", {.mac = {{0}}}},
    {"the guest's MAC", {.mac = GUEST}},
};
enum { STATES = sizeof(states) / sizeof(states[0]) };

static void live(const struct state *state, enum event event)
{
    bool started;

    vf = state->vf;
    started = start(event);
    if (started && guest.direct)
        change();
    if (started || guest.direct)
        stop(event);
    if (event == NO_EVENT && !guest.direct && state - states < 2)
        fprintf(table, "%s\t%s\t%s\t%s %s\n", driver.name, state->name, guest.vlan ? "42" : "-",
                started ? "yes" : "no",
                same_mac(&vf.mac, &guest_mac)         ? "guest"
                : same_mac(&vf.mac, &alternative_mac) ? "02:.."
                                                      : "own");
    if (start(event) || guest.direct)
        stop(event);
}

void all_guests(void)
{
    for (int kind = 0; kind < 4; kind++)
        for (const struct state *state = states; state < states + STATES; state++)
            for (enum event event = NO_EVENT; event < EVENTS; event++)
                /* The loop ends with a life in which the event does not come. */
                for (int at = 0; event == NO_EVENT ? at == 0 : has_event(event); at++) {
                    guest.direct = kind & 1;
                    guest.vlan = kind & 2 ? &vlan_42 : NULL;
                    sequence_is("%s, a VF with %s, a %s guest %s VLAN 42, %s at request %d", driver.name, state->name,
                                guest.direct ? "direct" : "hostdev", guest.vlan ? "with" : "without",
                                event_names[event], at);
                    life_begins(event, at);
                    live(state, event);
                    if (!event_came)
                        break;
                }
}
