/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * See sequences.h.
 *
 *   sequences LIBRARY DRIVERS OUT     a result for each invariant (TAP), with the first sequences that break it
 *
 * LIBRARY is the .so of this library or of libvirt. DRIVERS is drivers.tsv. OUT.counts says how many sequences break
 * each invariant. OUT.table has what happened to guests, OUT.broken each sequence that breaks an invariant.
 */
#include <dlfcn.h>
#include <stdarg.h>
#include <stdlib.h>

#include "sequences.h"

struct library library;
FILE *table;
unsigned long limited[LIMITS];

static const char *const names[INVARIANTS] = {
    [STARTS] = "a guest starts if the driver grants what it needs",
    [RUNS] = "no guest runs in a VLAN that nobody asked for",
    [LEFT] = "a failed start leaves the former MAC and VLAN, or the message says what it leaves",
    [LIVE] = "a refused live change leaves the running guest as it was",
    [STOP] = "a stop leaves nothing of the guest",
    [STATE] = "0 is returned only for what is there: what was asked for, or what was read",
    [RETRY] = "a retry is allowed only after the kernel refused a zero MAC",
    [REPORT] = "what is reported is true",
    [BOUNDS] = "a call waits for at most 4 s, plus the driver's time, and sends nothing after a slow or a lost request",
};

static const char *const limits[LIMITS] = {
    [START_LIKE_STOP] = "failed starts leave the guest's MAC: the kernel refused the VLAN that the VF had",
    [STOP_LIKE_START] = "stops leave the guest's MAC: the kernel refused the VLAN from before the guest",
    [LEFT_VLAN] = "starts leave a VLAN: the kernel refused to clear it (EPERM), and the list did not show it",
};

enum { EXAMPLES = 3, LENGTH = 1500 };
static unsigned long sequences, breaks[INVARIANTS];
static bool is_broken[INVARIANTS];
static char example[INVARIANTS][EXAMPLES][LENGTH], sequence[300];
static const char *stage;
static FILE *all;

void sequence_is(const char *format, ...)
{
    va_list values;

    sequences++;
    memset(is_broken, 0, sizeof(is_broken));
    va_start(values, format);
    vsnprintf(sequence, sizeof(sequence), format, values);
    va_end(values);
}

void stage_begins(const char *name)
{
    stage = name;
    certain = true;
    not_known = restored = false;
}

void broken(enum invariant invariant, const char *format, ...)
{
    char text[LENGTH];
    va_list values;
    int length = snprintf(text, sizeof(text), "%s, %s: ", sequence, stage);

    if (is_broken[invariant])
        return;
    is_broken[invariant] = true;
    va_start(values, format);
    vsnprintf(text + length, sizeof(text) - (size_t)length, format, values);
    va_end(values);
    if (breaks[invariant] < EXAMPLES)
        memcpy(example[invariant][breaks[invariant]], text, sizeof(text));
    breaks[invariant]++;
    fprintf(all, "%d: %s\n", invariant, text);
}

static FILE *output(const char *out, const char *suffix)
{
    char path[400];
    FILE *file;

    snprintf(path, sizeof(path), "%s.%s", out, suffix);
    file = fopen(path, "w");
    if (!file)
        abort();
    return file;
}

static void results(FILE *counts)
{
    fprintf(counts, "%lu\tsequences\n", sequences);
    for (int i = 0; i < INVARIANTS; i++) {
        fprintf(counts, "%lu\t%s\n", breaks[i], names[i]);
        printf("%s - sequences: %s\n", breaks[i] ? "not ok" : "ok", names[i]);
        if (breaks[i])
            printf("# %lu sequences break it\n", breaks[i]);
        for (int j = 0; j < EXAMPLES && example[i][j][0]; j++)
            printf("# %s\n", example[i][j]);
    }
    printf("# = %lu sequences\n", sequences);
    for (int i = 0; i < LIMITS; i++)
        printf("# = %lu %s\n", limited[i], limits[i]);
    printf("1..%d\n", INVARIANTS);
}

int main(int argc, char **argv)
{
    void *file = argc == 4 ? dlopen(argv[1], RTLD_NOW | RTLD_LOCAL) : NULL;
    FILE *drivers = argc == 4 ? fopen(argv[2], "r") : NULL, *counts;
    int (*initialize)(void), rows = 0;

    if (!file || !drivers) {
        fprintf(stderr, "%s\n", argc == 4 && !file ? dlerror() : "usage: sequences LIBRARY DRIVERS OUT");
        return 2;
    }
#define FIND(member, name) (*(void **)&library.member = dlsym(file, name))
    FIND(set_mac, "virNetDevSetVfMac");
    FIND(set_config, "virNetDevSetVfConfig");
    FIND(get_config, "virNetDevGetVfConfig");
    if (!FIND(last_error, "virNetDevVfLastError")) {
        FIND(last_error, "virGetLastErrorMessage");
        FIND(reset_error, "virResetLastError");
        *(void **)&initialize = dlsym(file, "virInitialize");
        if (!initialize || initialize() < 0)
            return 3;
    }
    if (!library.set_mac || !library.set_config || !library.last_error)
        return 4;
    counts = output(argv[3], "counts");
    table = output(argv[3], "table");
    all = output(argv[3], "broken");
    for (; next_driver(drivers); rows++)
        all_guests();
    results(counts);
    return rows && !fclose(counts) && !fclose(table) && !fclose(all) ? 0 : 5;
}
