/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * See sequences.h.
 *
 *   sequences LIBRARY [COUNTS]     each invariant's result, as TAP, with the first sequences that break it
 *
 * LIBRARY is this library's .so or libvirt's. COUNTS is a file for how many sequences break each.
 */
#include <dlfcn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "sequences.h"

struct library library;

/* --- choices ------------------------------------------------------------------------------------ */

enum { DEPTH = 200, NOTES = 4000, EXAMPLES = 3 };

static struct {
    unsigned at, count;
} choice[DEPTH];
/* How many are fixed for this sequence, and how many were made. */
static int fixed, made;

unsigned choose(unsigned count)
{
    if (made == DEPTH)
        abort();
    if (made == fixed) {
        choice[made].at = 0;
        choice[made].count = count;
        fixed++;
    }
    /* The same start must lead to the same choice. */
    if (choice[made].count != count)
        abort();
    return choice[made++].at;
}

/* Fixes the next sequence's choices; false: there is none, and the one after that starts from nothing. */
static bool next_choices(void)
{
    fixed = made;
    while (fixed > 0 && choice[fixed - 1].at + 1 == choice[fixed - 1].count)
        fixed--;
    if (fixed > 0)
        choice[fixed - 1].at++;
    return fixed > 0;
}

/* --- what a sequence breaks --------------------------------------------------------------------- */

static const char *const names[INVARIANTS] = {
    [SUCCESS] = "0 is returned if and only if the state is what was asked for, or there was nothing to clear",
    [FORMER] = "after an error the VF is as it was, where that is known and certain",
    [AS_SET] = "the MAC stays as it was set where the VLAN's outcome is not known, and in a restore",
    [NAMED] = "no VF has a MAC that was in no request",
    [ERRNO] = "an errno is the one that the kernel gave, or says what was in the way",
    [RETRY] = "a retry is allowed if and only if the kernel answered a zero MAC with EINVAL",
    [BOUNDS] = "a call ends within 4 seconds, after few requests, and closes its sockets",
    [REPORT] = "what is reported is what is returned, and nothing else is",
    [ALTERNATIVE] = "02:00:00:00:00:00 is set only after the kernel answered a zero MAC with EINVAL",
    [START] = "a failed start leaves nothing behind, where that is certain",
    [STOP] = "a stop whose MAC was restored leaves nothing of the guest",
};
static const char *const limits[LIMITS] = {
    [START_WITH_CLEAR] = "failed starts leave the guest's MAC: VLAN 0 by name, or the VLAN that was there, was refused",
    [STOP_WITH_VLAN] = "stops leave the guest's MAC: the VLAN from before the guest was refused",
};

static unsigned long sequences, breaks[INVARIANTS], limited[LIMITS];
static char example[INVARIANTS][EXAMPLES][NOTES];
static bool is_broken[INVARIANTS], is_limited[LIMITS];
static char notes[NOTES];
static size_t noted;

void note(const char *format, ...)
{
    va_list values;

    if (noted + 1 >= NOTES)
        return;
    if (noted)
        notes[noted++] = ' ';
    va_start(values, format);
    noted += (size_t)vsnprintf(notes + noted, NOTES - noted, format, values);
    va_end(values);
    if (noted >= NOTES)
        noted = NOTES - 1;
}

void broken(enum invariant invariant)
{
    is_broken[invariant] = true;
}

void within(enum limit limit)
{
    is_limited[limit] = true;
}

void sequence_begin(void)
{
    made = 0;
    noted = 0;
    notes[0] = '\0';
    memset(is_broken, 0, sizeof(is_broken));
    memset(is_limited, 0, sizeof(is_limited));
    kernel_forget();
}

bool sequence_end(void)
{
    sequences++;
    for (int i = 0; i < INVARIANTS; i++) {
        if (is_broken[i] && breaks[i] < EXAMPLES)
            memcpy(example[i][breaks[i]], notes, sizeof(notes));
        breaks[i] += is_broken[i];
    }
    for (int i = 0; i < LIMITS; i++)
        limited[i] += is_limited[i];
    return next_choices();
}

/* --- results ------------------------------------------------------------------------------------ */

static void print_results(void)
{
    printf("1..%d\n", INVARIANTS);
    for (int i = 0; i < INVARIANTS; i++) {
        printf("%s - sequences: %s\n", breaks[i] ? "not ok" : "ok", names[i]);
        if (breaks[i])
            printf("# broken by %lu\n", breaks[i]);
        for (int j = 0; j < EXAMPLES && example[i][j][0]; j++)
            printf("# %s\n", example[i][j]);
    }
    printf("# = %lu sequences\n", sequences);
    for (int i = 0; i < LIMITS; i++)
        printf("# = %lu %s\n", limited[i], limits[i]);
}

static bool write_counts(const char *path)
{
    FILE *file = fopen(path, "w");

    if (!file)
        return false;
    fprintf(file, "%lu\tsequences\n", sequences);
    for (int i = 0; i < INVARIANTS; i++)
        fprintf(file, "%lu\t%s\n", breaks[i], names[i]);
    return fclose(file) == 0;
}

int main(int argc, char **argv)
{
    void *file = argc >= 2 ? dlopen(argv[1], RTLD_NOW | RTLD_LOCAL) : NULL;
    int (*initialize)(void);

    if (!file) {
        fprintf(stderr, "%s\n", argc >= 2 ? dlerror() : "usage: sequences LIBRARY [COUNTS]");
        return 2;
    }
#define FIND(member, name) (*(void **)&library.member = dlsym(file, name))
    FIND(send, "virNetDevSendVfSetLinkRequest");
    FIND(set_mac, "virNetDevSetVfMac");
    FIND(set_vlan, "virNetDevSetVfVlan");
    FIND(set_config, "virNetDevSetVfConfig");
    FIND(get_config, "virNetDevGetVfConfig");
    if (!FIND(last_error, "virNetDevVfLastError")) {
        FIND(last_error, "virGetLastErrorMessage");
        FIND(last_error_code, "virGetLastErrorCode");
        FIND(reset_error, "virResetLastError");
        *(void **)&initialize = dlsym(file, "virInitialize");
        if (!initialize || initialize() < 0)
            return 3;
    }
    if (!library.send || !library.set_mac || !library.set_vlan || !library.set_config || !library.last_error)
        return 4;
    all_calls();
    all_guests();
    print_results();
    return argc < 3 || write_counts(argv[2]) ? 0 : 5;
}
