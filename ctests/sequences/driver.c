/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The kernel answers as a row of drivers.tsv says. See sequences.h. */
#include <errno.h>
#include <stdlib.h>

#include "sequences.h"

struct vf vf;
struct step step[STEPS];
int steps;

/* --- the VF and the event ----------------------------------------------------------------------- */

const char *const event_names[EVENTS] = {
    [NO_EVENT] = "nothing happens", [RESET_ENDS] = "a reset of 500 ms", [RESET_LONG] = "a reset of 2500 ms",
    [RESET_TWICE] = "a reset and then one that does not end", [RESET_STAYS] = "a reset that does not end",
    [PF_DOWN] = "the PF goes down", [SILENT] = "the device does not answer",
    [SILENT_BUT_DONE] = "the device does not answer but does it", [LOST] = "the answer is lost",
    [LOST_BUT_DONE] = "the answer is lost but it is done", [CUT] = "the answer is cut", [FORGED] = "a forged ACK comes",
    [NOT_SENT] = "no buffer to send", [NO_SOCKET] = "no socket",
};

static enum event event;
static int event_at, counted, reset_until;
bool pf_is_down, event_came;
/* What the driver refused but lists. */
static struct vf listed;
static bool lists_mac, lists_vlan;

bool is_vlan(const struct vlan *vlan, unsigned id)
{
    if (id == 0 || id == driver.no_vlan)
        return (vlan->id == 0 || vlan->id == driver.no_vlan) && vlan->qos == 0;
    return vlan->id == id && vlan->qos == 0 && vlan->protocol == 0;
}

bool same_vlan(const struct vlan *a, const struct vlan *b)
{
    return (is_vlan(a, 0) && is_vlan(b, 0)) || (a->id == b->id && a->qos == b->qos && a->protocol == b->protocol);
}

bool list_lies(void)
{
    return (lists_mac && !same_mac(&listed.mac, &vf.mac)) || (lists_vlan && !same_vlan(&listed.vlan, &vf.vlan));
}

static const int lasts[EVENTS] = {
    [RESET_ENDS] = 500, [RESET_LONG] = 2500, [RESET_TWICE] = 1500, [RESET_STAYS] = 1000000,
};

/* The time in a life before this call: the fake clock starts again with each call. */
static int passed;

static int now(void)
{
    return passed + fake_now();
}

static bool in_reset(void)
{
    return now() < reset_until;
}

bool is_listed(void)
{
    return driver.list != LISTS_NONE && !(driver.list == LISTS_GAP && in_reset()) &&
           !(driver.list == LISTS_EMPTY && pf_is_down);
}

bool has_event(enum event which)
{
    if (which >= RESET_ENDS && which <= RESET_STAYS)
        return driver.reset > 0;
    if (which == PF_DOWN)
        return driver.down > 0;
    return (which != SILENT && which != SILENT_BUT_DONE) || driver.unknown > 0;
}

void life_begins(enum event which, int at)
{
    event = which;
    event_at = at;
    counted = reset_until = passed = 0;
    pf_is_down = event_came = lists_mac = lists_vlan = false;
}

void stage_ends(void)
{
    pf_is_down = false;
    reset_until = 0;
}

/* --- answers ------------------------------------------------------------------------------------ */

static void grant(enum what what, const struct vf *wanted)
{
    vf = *wanted;
    lists_mac &= what != SET_MAC;
    lists_vlan &= what != SET_VLAN;
}

static void refuse(enum what what, const struct vf *wanted)
{
    if (driver.effect == APPLIED)
        grant(what, wanted);
    if (driver.effect == CLEARED && what == SET_VLAN)
        vf.vlan = (struct vlan){0};
    if (what == SET_MAC && (driver.lists == LISTS_MAC || driver.lists == LISTS_BOTH)) {
        lists_mac = true;
        listed.mac = wanted->mac;
    }
    if (what == SET_VLAN && (driver.lists == LISTS_VLAN || driver.lists == LISTS_BOTH)) {
        lists_vlan = true;
        listed.vlan = wanted->vlan;
    }
}

/* The row's errno for this request; 0: the driver grants it. */
static int answer_to(enum what what, const struct vf *wanted)
{
    if (what == SET_MAC)
        return same_mac(&wanted->mac, &zero_mac) ? driver.zero
               : same_mac(&wanted->mac, &vf.mac) ? driver.same
                                                 : driver.mac;
    if (is_vlan(&wanted->vlan, 0))
        return is_vlan(&vf.vlan, 0) ? driver.none : driver.clear;
    return driver.set;
}

static void list(struct exchange *exchange, struct step *this)
{
    static struct vf shown;

    shown = vf;
    if (lists_mac)
        shown.mac = listed.mac;
    if (lists_vlan)
        shown.vlan = listed.vlan;
    if (is_vlan(&shown.vlan, 0))
        shown.vlan.id = driver.no_vlan;
    exchange->answer = (struct answer){
        .kind = LINK, .said = VFS, .listed = VFS, .vf = VF, .vlan = shown.vlan.id, .qos = shown.vlan.qos,
        .protocol = shown.vlan.protocol, .mac = shown.mac.addr, .down = pf_is_down,
        .no_list = driver.list == LISTS_NONE,
    };
    if (!is_listed() && driver.list != LISTS_NONE)
        exchange->answer.gap = driver.list == LISTS_EMPTY ? VFS : 1;
    exchange->answer.gap_from = driver.list == LISTS_EMPTY ? 0 : VF;
    this->listed = is_listed();
    /* ice waits also when it lists its VFs. */
    if (in_reset() && driver.list == LISTS_GAP && driver.wait_ms < 1000)
        exchange->takes = this->takes = driver.wait_ms;
}

/* The driver's answer to a request that sets something. */
static void set(struct exchange *exchange, struct step *this, const struct vf *wanted)
{
    int error = answer_to(this->what, wanted);
    bool waits = in_reset() && driver.reset > 0;

    if (waits)
        exchange->takes = driver.wait_ms;
    if (pf_is_down)
        error = driver.down;
    else if (waits && now() + exchange->takes < reset_until)
        error = driver.reset;
    else if (error)
        refuse(this->what, wanted);
    else
        grant(this->what, wanted);
    if (!error && event_came && event == RESET_TWICE && reset_until)
        reset_until = now() + lasts[RESET_STAYS];
    this->outcome = error;
    this->takes = exchange->takes;
    if (error)
        exchange->answer = (struct answer){.kind = ERROR, .error = -error};
}

/* If the event replaces the driver's answer, sets that answer and returns true. */
static bool is_instead(struct exchange *exchange, struct step *this, const struct vf *wanted)
{
    bool is_done = event == SILENT_BUT_DONE || event == LOST_BUT_DONE;

    if (event < SILENT)
        return false;
    if (is_done && this->what != GET_LIST)
        grant(this->what, wanted);
    this->outcome = event == NOT_SENT ? NOT_SENT_AT_ALL : NOT_KNOWN;
    this->listed = false;
    if (event == SILENT || event == SILENT_BUT_DONE) {
        exchange->takes = this->takes = driver.wait_ms;
        exchange->answer = (struct answer){.kind = ERROR, .error = -driver.unknown};
    } else if (event == NOT_SENT) {
        exchange->fails[SEND] = ENOBUFS;
    } else if (event == CUT) {
        exchange->answer.cut_to = 20;
    } else {
        exchange->lost = true;
        exchange->has_first = event == FORGED;
        exchange->first.sender = 4711;
    }
    return true;
}

/* Whether the event comes now. `counts`: whether event_at counts this socket or request. */
static bool is_turn(bool counts)
{
    if (event == NO_EVENT || event_came || !counts || counted++ < event_at)
        return false;
    event_came = true;
    return true;
}

static void decides(const struct sent *sent, struct exchange *exchange)
{
    struct vf wanted;
    struct step *this = &step[steps];

    if (!sent) {
        if (event == NO_SOCKET && is_turn(true)) {
            exchange->fails[SOCKET] = EMFILE;
            step[steps++] = (struct step){.outcome = NOT_SENT_AT_ALL};
        }
        return;
    }
    if (steps == STEPS)
        abort();
    steps++;
    *this = (struct step){.what = read_request(sent, &wanted)};
    this->mac = wanted.mac;
    if (is_turn(event != NO_SOCKET && !((event == SILENT || event == SILENT_BUT_DONE) && this->what == GET_LIST))) {
        if (is_instead(exchange, this, &wanted))
            return;
        pf_is_down = event == PF_DOWN;
        reset_until = now() + lasts[event];
    }
    if (this->what == GET_LIST)
        list(exchange, this);
    else
        set(exchange, this, &wanted);
}

void kernel_begin(void)
{
    steps = 0;
    strange_request = blocked = false;
    fake_begin_deciding(decides);
}

void kernel_end(void)
{
    fake_end();
    passed += fake.elapsed;
}
