/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The kernel: a VF, the requests about it, and each answer to each of them. See sequences.h. */
#include <errno.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include "sequences.h"

struct vf vf;
struct step step[STEPS];
int steps;
bool strange_request;

/* An answer once only, in this sequence. */
static bool had_once;
/* The last answer is repeated when the request is sent again; 0: it is not. From when on, and until when. */
static int repeated, since, until;
/* The request of the last step is sure to come again. */
static bool once;
/* What the last request has asked for: what a forger says that the VF has. */
static unsigned last_vlan;

/* --- requests ----------------------------------------------------------------------------------- */

/* The payload of an attribute of a type, among those from `start` to `end`. */
static const struct rtattr *find(const void *start, size_t length, unsigned short type)
{
    for (const struct rtattr *at = start; RTA_OK(at, length); at = RTA_NEXT(at, length))
        if ((at->rta_type & NLA_TYPE_MASK) == type)
            return at;
    return NULL;
}

static const struct rtattr *within_attribute(const struct rtattr *outer, unsigned short type)
{
    return outer ? find(RTA_DATA(outer), RTA_PAYLOAD(outer), type) : NULL;
}

static struct step read_request(const struct sent *sent)
{
    const struct nlmsghdr *header = (const void *)sent->bytes;
    const struct rtattr *first = IFLA_RTA((const struct ifinfomsg *)NLMSG_DATA(header)), *info, *mac, *vlan;
    struct step read = {.what = GET_LIST};

    if (header->nlmsg_type == RTM_GETLINK)
        return read;
    info = within_attribute(find(first, IFLA_PAYLOAD(header), IFLA_VFINFO_LIST), IFLA_VF_INFO);
    mac = within_attribute(info, IFLA_VF_MAC);
    vlan = within_attribute(info, IFLA_VF_VLAN);
    if (mac) {
        const struct ifla_vf_mac *payload = RTA_DATA(mac);

        read.what = SET_MAC;
        memcpy(&read.mac, payload->mac, sizeof(read.mac));
        strange_request |= payload->vf != VF;
    } else if (vlan) {
        const struct ifla_vf_vlan *payload = RTA_DATA(vlan);

        read.what = SET_VLAN;
        read.vlan = payload->vlan;
        read.qos = payload->qos;
        strange_request |= payload->vf != VF;
    }
    strange_request |= !mac == !vlan;
    return read;
}

static void apply(const struct step *request)
{
    if (request->what == SET_MAC)
        vf.mac = request->mac;
    if (request->what == SET_VLAN) {
        vf.vlan = request->vlan;
        vf.qos = request->qos;
    }
}

/* --- answers ------------------------------------------------------------------------------------ */

#define REFUSES(number) {.answer = {.kind = ERROR, .error = -(number)}}
#define LIST(count, ...) {.answer = {.kind = LINK, .said = VFS, .listed = count, .vf = VF, ##__VA_ARGS__}}
/* Of an ACK, 20 bytes of 36. */
#define CUT {.answer = {.cut_to = 20}}
#define FORGED .has_first = true, .first

struct way {
    const char *name;
    int outcome, errno_is;
    bool applied;
    /* For how long the same answer comes, if the request is sent again; 0: that is not expected. */
    int lasts;
    struct exchange exchange;
};

static const struct way settings[] = {
    {"granted", GRANTED, 0, true, 0, {.lost = false}},
    {"EPERM", EPERM, EPERM, false, 0, REFUSES(EPERM)},
    {"EINVAL", EINVAL, EINVAL, false, 0, REFUSES(EINVAL)},
    {"EOPNOTSUPP", EOPNOTSUPP, EOPNOTSUPP, false, 0, REFUSES(EOPNOTSUPP)},
    {"ENODEV", ENODEV, ENODEV, false, 0, REFUSES(ENODEV)},
    {"EAGAIN for ever", EAGAIN, EAGAIN, false, FOR_EVER, REFUSES(EAGAIN)},
    {"EBUSY for ever", EBUSY, EBUSY, false, FOR_EVER, REFUSES(EBUSY)},
    {"applied, the answer lost", NOT_KNOWN, ETIMEDOUT, true, 0, {.lost = true}},
    {"lost", NOT_KNOWN, ETIMEDOUT, false, 0, {.lost = true}},
    {"applied, the ACK cut short", NOT_KNOWN, EBADMSG, true, 0, CUT},
    {"an ACK cut short", NOT_KNOWN, EBADMSG, false, 0, CUT},
    {"applied, no buffer for the answer", NOT_KNOWN, ENOBUFS, true, 0, {.fails[RECV] = ENOBUFS}},
    {"an ACK forged", NOT_KNOWN, EBADMSG, false, 0, {FORGED = {.sender = 4711}, .lost = true}},
    {"an ACK of another request", NOT_KNOWN, EBADMSG, false, 0, {FORGED = {.sequence_off = 1}, .lost = true}},
    {"applied, an EPERM forged", NOT_KNOWN, EBADMSG, true, 0,
     {FORGED = {.kind = ERROR, .error = -EPERM, .sender = 4711}, .lost = true}},
    {"an EINVAL forged, granted", GRANTED, 0, true, 0,
     {FORGED = {.kind = ERROR, .error = -EINVAL, .sender = 4711}}},
    {"an EPERM of another request, granted", GRANTED, 0, true, 0,
     {FORGED = {.kind = ERROR, .error = -EPERM, .sequence_off = -1U}}},
    {"an ACK forged, EPERM", EPERM, EPERM, false, 0,
     {FORGED = {.sender = 4711}, .answer = {.kind = ERROR, .error = -EPERM}}},
    {"not sent", NOT_SENT, ENOBUFS, false, 0, {.fails[SEND] = ENOBUFS}},
    /* The last two: at most once in a sequence. */
    {"EAGAIN once", EAGAIN, EAGAIN, false, 1, REFUSES(EAGAIN)},
    {"EBUSY for a while", EBUSY, EBUSY, false, 1500, REFUSES(EBUSY)},
};

static const struct way lists[] = {
    {"whole", GRANTED, 0, false, 0, LIST(VFS, .mac = vf.mac.addr)},
    {"without this VF", ENODATA, ENODATA, false, 0, LIST(VFS, .gap = 1, .gap_from = VF)},
    {"capped", ENODATA, ENODATA, false, 0, LIST(VF)},
    {"none", EOPNOTSUPP, EOPNOTSUPP, false, 0, LIST(VFS, .no_list = true)},
    {"EPERM", EPERM, EPERM, false, 0, REFUSES(EPERM)},
    {"lost", NOT_KNOWN, ETIMEDOUT, false, 0, {.lost = true}},
    {"cut short", NOT_KNOWN, EBADMSG, false, 0, LIST(VFS, .cut_to = 900)},
    {"forged", NOT_KNOWN, EBADMSG, false, 0,
     {FORGED = {.kind = LINK, .said = VFS, .listed = VFS, .vf = VF, .sender = 4711}, .lost = true}},
    {"not sent", NOT_SENT, ENOBUFS, false, 0, {.fails[SEND] = ENOBUFS}},
};
enum { SETTINGS = sizeof(settings) / sizeof(settings[0]), LISTS = sizeof(lists) / sizeof(lists[0]) };

/* There is no socket. Which request that stops is known where one is expected again. */
static void without_socket(int fails, int errno_is, struct exchange *exchange)
{
    exchange->fails[SOCKET] = fails;
    note("no socket (%s)", fails == EPERM ? "EPERM" : "EMFILE");
    if (once) {
        once = false;
        repeated = 0;
        step[steps - 1].outcome = NOT_SENT;
        step[steps - 1].errno_is = errno_is;
        return;
    }
    /* Either the last time that the request is sent again, or another one. */
    if (repeated)
        step[steps - 1].errno_or = errno_is;
    repeated = 0;
    step[steps++] = (struct step){.what = NOTHING, .outcome = NOT_SENT, .errno_is = errno_is};
}

static void socket_opens(struct exchange *exchange)
{
    /* That a request that is sent again has no socket is what EAGAIN once is followed by. */
    if (repeated && fake_now() < until && fake_now() - since < 2000)
        return;
    switch (choose(3)) {
    case 1:
        without_socket(EMFILE, EMFILE, exchange);
        break;
    case 2:
        without_socket(EPERM, EACCES, exchange);
        break;
    }
}

static void decide_request(const struct sent *sent, struct exchange *exchange)
{
    struct step request = read_request(sent);
    struct step *last = steps ? &step[steps - 1] : NULL;
    bool again = (once || repeated) && last && last->what == request.what && same_mac(&last->mac, &request.mac) &&
                 last->vlan == request.vlan;
    const struct way *way;

    if (again && repeated && fake_now() < until) {
        exchange->answer = (struct answer){.kind = ERROR, .error = -repeated};
        return;
    }
    way = request.what == GET_LIST ? &lists[choose(LISTS)] : &settings[choose(SETTINGS - 2 * had_once)];
    *exchange = way->exchange;
    if (request.what == GET_LIST && way->outcome == GRANTED) {
        exchange->answer.vlan = vf.vlan;
        exchange->answer.qos = vf.qos;
    }
    exchange->first.vlan = last_vlan;
    if (request.what == SET_VLAN)
        last_vlan = request.vlan;
    if (request.what == SET_MAC)
        note("MAC %02x:..:%02x %s", request.mac.addr[0], request.mac.addr[5], way->name);
    else if (request.what == SET_VLAN)
        note("VLAN %u %s", request.vlan, way->name);
    else
        note("list %s", way->name);

    once = way->lasts && way->lasts != FOR_EVER;
    had_once |= once;
    repeated = way->lasts ? way->errno_is : 0;
    since = fake_now();
    until = since + way->lasts;
    if (way->applied)
        apply(&request);
    request.outcome = way->outcome;
    request.errno_is = way->errno_is;
    if (!again)
        steps++;
    step[steps - 1] = request;
}

static void decides(const struct sent *sent, struct exchange *exchange)
{
    /* The rest of the call does not matter any more, and ends at the bounds. */
    if (steps == STEPS)
        exchange->fails[SOCKET] = EMFILE;
    else if (sent)
        decide_request(sent, exchange);
    else
        socket_opens(exchange);
}

void kernel_begin(void)
{
    steps = 0;
    once = strange_request = blocked = false;
    repeated = 0;
    fake_begin_deciding(decides);
}

void kernel_end(void)
{
    fake_end();
}

void kernel_forget(void)
{
    had_once = false;
    last_vlan = 0;
}
