/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Calls a function under test, and checks what must hold after the call. See sequences.h. */
#define _GNU_SOURCE
#include <errno.h>
#include <sys/socket.h>

#include "sequences.h"

bool certain, not_known, restored;
char words[1024];

static bool is_unknown(const struct step *of)
{
    static const int errnos[] = {ETIMEDOUT, EIO, ENXIO, ETIME, EBADE, EINTR, ECANCELED};

    for (size_t i = 0; i < sizeof(errnos) / sizeof(errnos[0]); i++)
        if (of->outcome == errnos[i] || (of->outcome == NOT_KNOWN && driver.unknown == errnos[i]))
            return true;
    return of->outcome == NOT_KNOWN && of->takes == 0;
}

/* The VF is in reset, or the device did not answer its driver. */
static bool may_come_again(const struct step *of)
{
    return of->outcome == NOT_KNOWN || (of->outcome > 0 && of->outcome == driver.reset);
}

static void judge_steps(void)
{
    static const char *const whats[] = {"a MAC", "a VLAN", "a request for the list"};
    int in_kernel = 0;

    for (int i = 0; i < steps; i++) {
        in_kernel += step[i].takes;
        restored |= step[i].what == SET_MAC && step[i].outcome == GRANTED && !same_mac(&step[i].mac, &guest_mac);
        certain &= step[i].outcome != NOT_KNOWN && !(step[i].takes >= 1000 && may_come_again(&step[i]));
        if (step[i].takes >= 1000 && may_come_again(&step[i]) && i + 1 < steps)
            broken(BOUNDS, "%s after %s that took %d ms, expected none", whats[step[i + 1].what], whats[step[i].what],
                   step[i].takes);
        for (int j = i + 1; step[i].what != GET_LIST && is_unknown(&step[i]) && j < steps; j++)
            if (step[j].what != GET_LIST)
                broken(BOUNDS, "%s after %s whose outcome is not known, expected none", whats[step[j].what],
                       whats[step[i].what]);
    }
    if (fake.elapsed - in_kernel > 4100)
        broken(BOUNDS, "the library waited for %d ms, expected 4000", fake.elapsed - in_kernel);
    if (blocked)
        broken(BOUNDS, "blocks for ever");
    if (fake.opened != fake.closed || (fake.opened && !(fake.flags & SOCK_CLOEXEC)))
        broken(BOUNDS, "%d sockets opened, %d closed", fake.opened, fake.closed);
    if (strange_request)
        broken(STATE, "a request for another VF, or with neither or both of MAC and VLAN");
}

bool says(const char *what)
{
    return strstr(words, what) != NULL;
}

/* What a message says of the VF must be true. */
static void judge_report(const struct vf *before, int result, bool lied)
{
    const char *errno_text = strerror(-result), *keeps = strstr(words, "still has VLAN ");
    size_t length = strlen(words), end = strlen(errno_text);
    unsigned id;

    /* bnxt and octeontx2 return errnos without a name: their text is not checked. */
    if (says(" of marker") || !*words ||
        (strerrorname_np(-result) && (length < end || strcmp(words + length - end, errno_text) != 0)))
        broken(REPORT, "said \"%s\", expected \"%s\" at the end", words, errno_text);
    if (says("is set again") && !says("not known whether") && !same_mac(&vf.mac, &before->mac))
        broken(REPORT, "says that the former MAC is set again, but the VF has ..:%02x", vf.mac.addr[5]);
    if (says("is now 02:") && !same_mac(&vf.mac, &alternative_mac))
        broken(REPORT, "says that the MAC is 02:..., but the VF has ..:%02x", vf.mac.addr[5]);
    /* The PF may have gone down after the request that failed. */
    if (says("PF is down") ? !pf_is_down : pf_is_down && !says("again failed"))
        broken(REPORT, "said \"%s\", but the PF is %s", words, pf_is_down ? "down" : "up");
    if (keeps && driver.effect == NO_EFFECT && !lied && certain && sscanf(keeps, "still has VLAN %u", &id) == 1 &&
        vf.vlan.id != id)
        broken(REPORT, "says that VLAN %u stays, but the VF has %u", id, vf.vlan.id);
}

/* If the call returns 0, the VF must have what was asked for. */
static void judge_success(const virMacAddr *mac, const int *vlan, bool lied)
{
    bool listed = false, eperm = false;

    for (int i = 0; i < steps; i++) {
        listed |= step[i].listed;
        eperm |= step[i].what == SET_VLAN && step[i].outcome == EPERM;
    }
    if (mac && !same_mac(&vf.mac, mac))
        broken(STATE, "0, but the VF has MAC ..:%02x, expected ..:%02x", vf.mac.addr[5], mac->addr[5]);
    /* The kernel refused an implicit clear, and the list did not show what the VF has. */
    if (!vlan && eperm && (!listed || lied)) {
        not_known = true;
        return;
    }
    if (!is_vlan(&vf.vlan, vlan ? (unsigned)*vlan : 0) && !lied)
        broken(STATE, "0, but the VF has VLAN %u priority %u protocol %x, expected %d", vf.vlan.id, vf.vlan.qos,
               vf.vlan.protocol, vlan ? *vlan : 0);
}

bool set_config(const virMacAddr *mac, const int *vlan, bool may_retry)
{
    struct vf before = vf;
    bool retry = may_retry, lied = list_lies(), none = false, refused = false;
    int result;

    /* If the call does not report its failure, this is still the last error. */
    if (library.reset_error)
        library.reset_error();
    else
        library.set_mac("marker", VF, NULL, &none);
    kernel_begin();
    result = library.set_config("fake0", VF, mac, vlan, &retry);
    kernel_end();
    judge_steps();
    words[0] = '\0';
    if (result == 0) {
        judge_success(mac, vlan, lied);
        return true;
    }
    for (int i = 0; i < steps; i++)
        refused |= step[i].what == SET_MAC && step[i].outcome > 0 && step[i].outcome == driver.zero;
    if (may_retry && retry && !(refused && mac && same_mac(mac, &zero_mac)))
        broken(RETRY, "a retry is allowed after %d", result);
    if (may_retry && retry)
        return set_config(&alternative_mac, vlan, false);
    snprintf(words, sizeof(words), "%s", library.last_error());
    judge_report(&before, result, lied);
    return false;
}

bool read_config(struct vf *before, int *vlan_before)
{
    virMacAddr mac = vf.mac;
    int vlan = (int)vf.vlan.id, result = 0;

    if (library.get_config) {
        kernel_begin();
        result = library.get_config("fake0", VF, &mac, &vlan);
        kernel_end();
        judge_steps();
        if (result == 0 && !list_lies() &&
            (!same_mac(&mac, &vf.mac) || !is_vlan(&(struct vlan){.id = vf.vlan.id}, vlan)))
            broken(STATE, "read MAC ..:%02x VLAN %d, expected ..:%02x VLAN %u", mac.addr[5], vlan, vf.mac.addr[5],
                   vf.vlan.id);
    } else if (!is_listed()) {
        return false;
    }
    *before = vf;
    before->mac = mac;
    *vlan_before = vlan;
    return result == 0;
}
