/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A guest of libvirt that starts and stops. See sequences.h.
 *
 * Before a start libvirt reads the VF, and does not start the guest if that fails. Where a request to set MAC and VLAN
 * fails and a retry is allowed, libvirt tries once more with the MAC 02:00:00:00:00:00.
 *
 * A start of the type hostdev sets the guest's MAC through the PF, with a VLAN only where the guest has one; a failed
 * start ends there. A start of the type direct (macvtap, mode passthrough) gives the MAC to the VF's own netdev and
 * always names a VLAN; where the netdev refuses its MAC, the MAC goes through the PF, without a second try, and the
 * VF's driver is bound again. A stop puts back what was read before the start, and always names a VLAN; after a failed
 * start of the type direct comes a stop too.
 *
 * How a call ends depends only on the VF and the arguments, not on how the VF came to be so. So a guest's life is cut
 * at its stages, and each place that a stage leads to is gone on from once.
 */
#include <errno.h>
#include <stdlib.h>

#include "sequences.h"

enum stage { SAVES, STARTS, STARTS_THE_REST, STOPS, STOPS_THE_REST, GONE };

/* Of the requests of a stage, so far, and for the first also of what came before it. */
struct history {
    /* A zero MAC has been answered with EINVAL. */
    bool zero_refused;
    /* The VF has been given another MAC than the guest's. */
    bool mac_restored;
    /* It is known what has become of each request. */
    bool certain;
    /* A call has failed that leaves the MAC as it was set (contract C5). */
    bool mac_may_stay;
};

/* A stage that is to come, and what it finds. */
struct place {
    enum stage stage;
    /* The stage is to try with the other MAC. */
    bool second_try;
    struct vf vf;
    struct history history;
};

/* What is the same for all of a guest's life. */
static struct {
    bool direct;
    /* NULL: none. */
    const int *vlan;
    /* What was there before, and what is put back: the MAC of the VF's netdev, where it has one. */
    struct vf before;
    const virMacAddr *restored;
    int vlan_before;
} guest;

static struct history history;

static const int *vlan_of(enum stage stage)
{
    static const int no_vlan = 0;

    if (stage >= STOPS)
        return &guest.vlan_before;
    return guest.vlan || !guest.direct ? guest.vlan : &no_vlan;
}

/* What comes after a stage. */
static struct place after(enum stage stage, bool done)
{
    struct place to = {.stage = stage <= STARTS_THE_REST && (done || guest.direct) ? STOPS : GONE};

    return to;
}

static bool set(enum stage stage, const virMacAddr *mac, enum retry allowed, bool *retry)
{
    const struct request call = {.function = CONFIG, .mac = mac, .vlan = vlan_of(stage), .retry = allowed};
    int result = call_and_judge(&call, retry);

    for (int i = 0; i < steps; i++) {
        bool is_set = step[i].what == SET_MAC && step[i].outcome == GRANTED;

        history.zero_refused |=
            step[i].what == SET_MAC && step[i].outcome == EINVAL && same_mac(&step[i].mac, &zero_mac);
        history.mac_restored |= is_set && !same_mac(&step[i].mac, &guest_mac);
    }
    history.certain &= certain;
    history.mac_may_stay |= result < 0 && mac_may_stay;
    return result == 0;
}

/* What comes after a request that may be tried twice. */
static struct place sets(enum stage stage, const virMacAddr *mac)
{
    bool retry, done = set(stage, mac, ALLOWED, &retry);

    if (!done && retry)
        return (struct place){.stage = stage, .second_try = true};
    return after(stage, done);
}

/* The VF's own netdev is given a MAC first. */
static struct place sets_direct(enum stage stage, const virMacAddr *mac, enum stage rest)
{
    bool retry;

    switch (choose(3)) {
    case 0:
        note("the VF's netdev has its MAC.");
        return sets(stage, NULL);
    case 1:
        note("the VF's netdev refuses its MAC:");
        if (set(stage, mac, FORBIDDEN, &retry))
            return (struct place){.stage = rest};
        return after(stage, false);
    default:
        note("the VF's netdev fails.");
        return after(stage, false);
    }
}

static struct place goes_on(const struct place *from)
{
    const struct request read = {.function = GET, .retry = FORBIDDEN};
    bool retry;

    if (from->second_try)
        return after(from->stage, set(from->stage, &alternative_mac, FORBIDDEN, &retry));
    switch (from->stage) {
    case SAVES:
        return (struct place){.stage = call_and_judge(&read, NULL) == 0 ? STARTS : GONE};
    case STARTS:
        return guest.direct ? sets_direct(STARTS, &guest_mac, STARTS_THE_REST) : sets(STARTS, &guest_mac);
    case STARTS_THE_REST:
        return sets(STARTS_THE_REST, NULL);
    case STOPS:
        return guest.direct ? sets_direct(STOPS, guest.restored, STOPS_THE_REST) : sets(STOPS, guest.restored);
    default:
        return sets(STOPS_THE_REST, &guest.before.mac);
    }
}

static void judge(const struct place *from, const struct place *to)
{
    bool guests = same_mac(&vf.mac, &guest_mac), failed = from->stage <= STARTS && to->stage == GONE;

    must(ALTERNATIVE, history.zero_refused || !same_mac(&vf.mac, &alternative_mac));
    if (failed && history.mac_may_stay && guests)
        within(START_WITH_CLEAR);
    else if (failed && history.certain)
        must(START, same_vf(&vf, &guest.before));
    if (from->stage >= STOPS && history.mac_restored && guests) {
        /* The VLAN from before the guest is neither 0 nor the one that the VF has: that looks like a start. */
        if (guest.before.vlan != 0 && guest.before.vlan != from->vf.vlan)
            within(STOP_WITH_VLAN);
        else
            broken(STOP);
    }
}

/* --- all guests --------------------------------------------------------------------------------- */

enum { PLACES = 400 };
static struct place places[PLACES];
static int place_count;

static void add(const struct place *place)
{
    for (int i = 0; i < place_count; i++)
        if (places[i].stage == place->stage && places[i].second_try == place->second_try &&
            same_vf(&places[i].vf, &place->vf) &&
            memcmp(&places[i].history, &place->history, sizeof(place->history)) == 0)
            return;
    if (place_count == PLACES)
        abort();
    places[place_count++] = *place;
}

static void each_answer(const struct place *from)
{
    static const char *const names[] = {"is to start", "starts", "goes on starting", "stops", "goes on stopping"};
    struct place to;

    do {
        sequence_begin();
        vf = from->vf;
        history = from->history;
        note("a %s guest on a VF that had MAC ..:%02x, VLAN %u,", guest.direct ? "direct" : "hostdev",
             guest.before.mac.addr[5], guest.before.vlan);
        note("and has MAC %02x:..:%02x, VLAN %u, %s%s:", vf.mac.addr[0], vf.mac.addr[5], vf.vlan, names[from->stage],
             from->second_try ? " by a second try" : "");
        to = goes_on(from);
        judge(from, &to);
        to.vf = vf;
        to.history = history;
        if (!to.second_try)
            to.history = (struct history){.zero_refused = history.zero_refused, .certain = true};
        if (to.stage != GONE)
            add(&to);
    } while (sequence_end());
}

static void each_stage(void)
{
    /* libvirt keeps its own function that reads a VF to itself. */
    struct place start = {.stage = library.get_config ? SAVES : STARTS, .vf = guest.before};

    start.history.certain = true;
    place_count = 0;
    add(&start);
    for (int i = 0; i < place_count; i++) {
        /* The list grows meanwhile. */
        struct place from = places[i];

        each_answer(&from);
    }
}

void all_guests(void)
{
    static const int vlan_0 = 0, vlan_42 = 42;
    static const virMacAddr own_mac = {{0x52, 0x54, 0, 0, 0, 3}};
    const int *vlans[] = {NULL, &vlan_0, &vlan_42};
    const struct vf before[] = {
        {.mac = former_mac}, {.mac = zero_mac}, {.mac = former_mac, .vlan = 42}, {.mac = former_mac, .vlan = 7},
        {.mac = former_mac, .qos = 3},
    };

    for (int direct = 0; direct < 2; direct++)
        for (size_t i = 0; i < 3 * sizeof(before) / sizeof(before[0]); i++)
            /* Without a driver of the host's a VF has no netdev, and so no MAC but the PF's. */
            for (int netdev = direct; netdev < 2; netdev++) {
                guest.direct = direct;
                guest.vlan = vlans[i % 3];
                guest.before = before[i / 3];
                guest.restored = netdev ? &own_mac : &guest.before.mac;
                guest.vlan_before = (int)guest.before.vlan;
                each_stage();
            }
}
