/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Each function with each kind of argument and each state before, and what must hold at the end. See sequences.h. */
#include <errno.h>
#include <linux/if_link.h>
#include <stdio.h>
#include <sys/socket.h>

#include "sequences.h"

const virMacAddr zero_mac = {{0}}, alternative_mac = {{2}}, former_mac = {{0x52, 0x54, 0, 0, 0, 1}},
                 guest_mac = {{0x52, 0x54, 0, 0, 0, 2}};
bool mac_may_stay, certain;

static const int vlan_0 = 0, vlan_42 = 42, vlan_4096 = 4096;
/* What a REQUEST asks for. */
static const struct ifla_vf_vlan asked = {.vf = VF, .vlan = 42, .qos = 5};

/* --- what has come of it ------------------------------------------------------------------------ */

/* The step whose answer the result is; -1: nothing was sent. */
static int decisive(const struct request *call)
{
    if (call->function == VLAN || (call->function == CONFIG && !call->mac))
        return steps ? 0 : -1;
    if (call->function == CONFIG)
        for (int i = 0; i + 1 < steps; i++)
            if (step[i].what == SET_MAC)
                return step[i].outcome == GRANTED ? i + 1 : steps - 1;
    return steps - 1;
}

/* What this errno says of a request that was not granted: it is certain that nothing was done. */
static bool is_certain(const struct step *of)
{
    return of->outcome != NOT_KNOWN;
}

static bool has_vlan(const int *vlan)
{
    return vf.vlan == (unsigned)(vlan ? *vlan : 0) && vf.qos == 0;
}

/* The VLAN was refused with EPERM, and the VF has it: the kernel has said so, or would have. */
static bool is_there(const struct request *call, int at)
{
    const struct step *next = at + 1 < steps ? &step[at + 1] : NULL;
    bool asked_then = next && (next->what == GET_LIST || next->what == NOTHING);

    return step[at].what == SET_VLAN && call->vlan && step[at].outcome == EPERM && has_vlan(call->vlan) &&
           !(asked_then && next->outcome != GRANTED);
}

static void judge_success(const struct request *call, int at)
{
    bool vlan = has_vlan(call->vlan) || (!call->vlan && at >= 0 && step[at].outcome == EPERM);

    if (call->function == REQUEST)
        must(SUCCESS, vf.vlan == asked.vlan && vf.qos == asked.qos);
    if (call->function == MAC || (call->function == CONFIG && call->mac))
        must(SUCCESS, same_mac(&vf.mac, call->mac));
    if (call->function == VLAN || call->function == CONFIG)
        must(SUCCESS, vlan);
}

/* The MAC was set, and the VLAN at `at` was not. */
static void judge_put_back(const struct request *call, const struct vf *before, int at)
{
    bool asked_before = at > 0 && (step[0].what == GET_LIST || step[0].what == NOTHING);
    bool starts = !call->vlan || (*call->vlan != 0 && (unsigned)*call->vlan != before->vlan);
    /* Whoever does not ask does not know, and could. */
    bool known = starts && !(asked_before && step[0].outcome != GRANTED);
    bool tried = false, granted = false, list = call->vlan && step[at].outcome == EPERM;

    mac_may_stay = !starts;
    if (!is_certain(&step[at])) {
        must(AS_SET, same_mac(&vf.mac, call->mac));
        return;
    }
    for (int i = at + 1; i < steps; i++) {
        if (step[i].what == SET_MAC || (step[i].what == NOTHING && !list)) {
            tried = true;
            granted = step[i].outcome == GRANTED;
            certain &= granted;
        }
        list &= step[i].what == SET_MAC;
    }
    must(FORMER, vf.vlan == before->vlan && vf.qos == before->qos);
    certain &= known || !starts;
    if (!known)
        must(AS_SET, same_mac(&vf.mac, call->mac));
    else
        must(FORMER, same_mac(&vf.mac, &before->mac) || (tried && !granted));
}

static void judge_failure(const struct request *call, const struct vf *before, int at)
{
    bool mac_was_set = call->function == CONFIG && call->mac && at > 0 && step[at - 1].what == SET_MAC &&
                       step[at - 1].outcome == GRANTED;

    if (at >= 0 && !is_certain(&step[at]))
        certain = false;
    if (mac_was_set)
        judge_put_back(call, before, at);
    else if (at < 0 || is_certain(&step[at]))
        must(FORMER, same_vf(&vf, before));
}

/* The errno that the call may return; 0: none, it is a success. */
static bool may_return(const struct request *call, int errno_is, int at)
{
    const struct step *of = at >= 0 ? &step[at] : NULL;

    if (call->vlan && (*call->vlan < 0 || *call->vlan > 4095))
        return errno_is == ERANGE && !of;
    if (call->function == MAC || (call->function == CONFIG && call->mac))
        if (!call->mac || call->retry == NO_POINTER)
            return errno_is == EINVAL && !of;
    if (!of || errno_is == 0)
        return of && errno_is == of->outcome;
    return errno_is == of->errno_is || errno_is == of->errno_or;
}

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), end_length = strlen(end);

    return length >= end_length && strcmp(text + length - end_length, end) == 0;
}

static void judge_report(const struct request *call, const struct vf *before, int result, bool may_retry, int at)
{
    const char *said = library.last_error();
    bool silent = result >= 0 || may_retry || (call->function == REQUEST && at >= 0 && step[at].outcome > 0);
    bool reported = library.last_error_code ? library.last_error_code() != 0 : !strstr(said, "of marker");

    must(REPORT, reported == !silent);
    if (reported)
        must(REPORT, ends_with(said, strerror(-result)));
    if (reported && strstr(said, "is set again"))
        must(REPORT, same_mac(&vf.mac, &before->mac));
}

static void judge(const struct request *call, const struct vf *before, int result, bool retry)
{
    int at = decisive(call);
    bool zero = call->mac && same_mac(call->mac, &zero_mac), vlan = call->function == VLAN || call->function == CONFIG;
    bool may_retry =
        call->retry == ALLOWED && zero && at >= 0 && step[at].what == SET_MAC && step[at].outcome == EINVAL;

    mac_may_stay = false;
    certain = true;
    if (result == 0) {
        judge_success(call, at);
        must(RETRY, !retry || call->retry == ALLOWED);
    } else {
        judge_failure(call, before, at);
        must(RETRY, call->function == REQUEST || call->function == VLAN || call->function == GET || retry == may_retry);
        must(SUCCESS, !vlan || at < 0 || !is_there(call, at));
        must(ERRNO, may_return(call, -result, at));
    }
    must(NAMED, same_mac(&vf.mac, &before->mac) || (call->mac && same_mac(&vf.mac, call->mac)));
    must(NAMED, !strange_request);
    judge_report(call, before, result, result && may_retry, at);
    must(BOUNDS, fake.elapsed <= 4100 && fake.requests <= 36 && steps < STEPS && !blocked);
    must(BOUNDS, fake.opened == fake.closed && (!fake.opened || fake.flags & SOCK_CLOEXEC));
}

/* --- a call ------------------------------------------------------------------------------------- */

static int get(void)
{
    const virMacAddr nobodys = {{1, 2, 3, 4, 5, 6}};
    virMacAddr mac = nobodys;
    int vlan = -7, result = library.get_config("fake0", VF, &mac, &vlan);

    must(SUCCESS, same_mac(&mac, result ? &nobodys : &vf.mac) && vlan == (result ? -7 : (int)vf.vlan));
    return result;
}

int call_and_judge(const struct request *call, bool *retry)
{
    static const char *const names[] = {"SendVfSetLinkRequest", "SetVfMac", "SetVfVlan", "SetVfConfig", "GetVfConfig"};
    bool retry_after = call->retry == ALLOWED, *pointer = call->retry == NO_POINTER ? NULL : &retry_after, none = false;
    struct vf before = vf;
    int result;

    note("%s(", names[call->function]);
    if (call->mac)
        note("MAC ..:%02x", call->mac->addr[5]);
    if (call->vlan)
        note("VLAN %d", *call->vlan);
    note("%s):", call->retry == ALLOWED ? "retry allowed" : call->retry == FORBIDDEN ? "no retry" : "no allowRetry");
    if (library.reset_error)
        library.reset_error();
    else
        library.set_mac("marker", VF, NULL, &none);

    kernel_begin();
    switch (call->function) {
    case REQUEST:
        result = library.send("fake0", IFLA_VF_VLAN, &asked, sizeof(asked));
        break;
    case MAC:
        result = library.set_mac("fake0", VF, call->mac, pointer);
        break;
    case VLAN:
        result = library.set_vlan("fake0", VF, call->vlan);
        break;
    case CONFIG:
        result = library.set_config("fake0", VF, call->mac, call->vlan, pointer);
        break;
    default:
        result = get();
    }
    kernel_end();
    note("is %d%s.", result, pointer && retry_after ? ", retry" : "");
    judge(call, &before, result, retry_after);
    if (retry)
        *retry = retry_after;
    return result;
}

/* --- all calls ---------------------------------------------------------------------------------- */

static void each_answer(const struct request *call, const struct vf *before)
{
    do {
        sequence_begin();
        vf = *before;
        note("a VF with MAC ..:%02x, VLAN %u, priority %u:", before->mac.addr[5], before->vlan, before->qos);
        call_and_judge(call, NULL);
    } while (sequence_end());
}

static void each_state(const struct request *call)
{
    const unsigned vlans[][2] = {{0, 0}, {0, 3}, {42, 0}, {42, 3}, {7, 0}};
    struct vf before = {.mac = former_mac};

    for (size_t i = 0; i < sizeof(vlans) / sizeof(vlans[0]); i++) {
        before.vlan = vlans[i][0];
        before.qos = vlans[i][1];
        each_answer(call, &before);
    }
    before = (struct vf){.mac = zero_mac};
    each_answer(call, &before);
}

void all_calls(void)
{
    const virMacAddr *macs[] = {NULL, &zero_mac, &guest_mac, &former_mac};
    const int *vlans[] = {NULL, &vlan_0, &vlan_42, &vlan_4096};
    const struct request bare = {.function = REQUEST, .retry = FORBIDDEN}, read = {.function = GET, .retry = FORBIDDEN};

    each_state(&bare);
    if (library.get_config)
        each_state(&read);
    for (int vlan = 0; vlan < 4; vlan++)
        each_state(&(struct request){.function = VLAN, .vlan = vlans[vlan], .retry = FORBIDDEN});
    for (int mac = 0; mac < 4; mac++)
        for (enum retry retry = ALLOWED; retry <= NO_POINTER; retry++) {
            struct request call = {.function = MAC, .mac = macs[mac], .retry = retry};

            each_state(&call);
            call.function = CONFIG;
            for (int vlan = 0; vlan < 4; vlan++) {
                call.vlan = vlans[vlan];
                each_state(&call);
            }
        }
}
