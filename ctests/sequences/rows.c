/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads the rows of drivers.tsv. See sequences.h. */
#define _GNU_SOURCE
#include <stdlib.h>

#include "sequences.h"

struct driver driver;

/* The errno of a name or a number. `-` and an unknown name give -1, which no kernel answers. */
static int errno_of(const char *name)
{
    if (name[0] >= '0' && name[0] <= '9')
        return atoi(name);
    for (int number = 1; number < 134; number++) {
        const char *known = strerrorname_np(number);

        if (known && strcmp(known, name) == 0)
            return number;
    }
    return -1;
}

static int index_of(const char *const names[], const char *name)
{
    for (int i = 0; names[i]; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    abort();
}

bool next_driver(FILE *file)
{
    static const char *const lists[] = {"yes", "none", "gap", "empty", NULL},
                             *const refused[] = {"old", "mac", "vlan", "both", NULL},
                             *const effects[] = {"-", "applied", "cleared", NULL};
    int *const answers[] = {&driver.mac, &driver.zero, &driver.same, &driver.none, &driver.clear, &driver.set};
    char line[400], *field[19], *rest = line;

    do
        if (!fgets(line, sizeof(line), file))
            return false;
    while (line[0] == '#' || strncmp(line, "driver\t", 7) == 0);
    for (int i = 0; i < 19; i++)
        if (!(field[i] = strsep(&rest, "\t\n")))
            abort();
    snprintf(driver.name, sizeof(driver.name), "%s %s", field[0], field[1]);
    for (int i = 0; i < 6; i++)
        *answers[i] = errno_of(field[5 + i]);
    driver.no_vlan = (unsigned)atoi(field[11]);
    driver.list = (enum list)index_of(lists, field[12]);
    driver.down = errno_of(field[13]);
    driver.reset = errno_of(field[14]);
    driver.lists = (enum refused)index_of(refused, field[15]);
    driver.effect = (enum effect)index_of(effects, field[16]);
    driver.unknown = errno_of(field[17]);
    driver.wait_ms = atoi(field[18]);
    return true;
}
