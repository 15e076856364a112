/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * For ctests/bench/bench.sh: what it costs to load a library into a process that has only libc: the nanoseconds of
 * dlopen(3), and of what was not there before: the resident KiB, those of them that are private, and its files.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static char before[1024 * 1024], files[128][256];
static size_t known;
static int count;
static long resident, own;

/* Adds up what /proc/self/smaps has of files that `before` does not name. */
static void look(void)
{
    FILE *maps = fopen("/proc/self/smaps", "r");
    char line[512], path[256];
    int is_new = 0;
    long amount;

    if (!maps)
        abort();
    while (fgets(line, sizeof(line), maps)) {
        if (sscanf(line, "%*x-%*x %*4s %*x %*x:%*x %*u %255s", path) == 1) {
            is_new = path[0] == '/' && !strstr(before, path);
            if (is_new && (count == 0 || strcmp(files[count - 1], path) != 0)) {
                if (count == 128)
                    abort();
                strcpy(files[count++], path);
            }
        } else if (is_new && sscanf(line, "Rss: %ld", &amount) == 1) {
            resident += amount;
        } else if (is_new && sscanf(line, "Anonymous: %ld", &amount) == 1) {
            /* Not Private_Dirty, which has the pages of a file too, for as long as a new one is not on disk. */
            own += amount;
        }
    }
    fclose(maps);
}

int main(int argc, char **argv)
{
    struct timespec start, end;
    FILE *maps = fopen("/proc/self/maps", "r");

    if (argc != 2 || !maps)
        return 2;
    known = fread(before, 1, sizeof(before) - 1, maps);
    fclose(maps);
    clock_gettime(CLOCK_MONOTONIC, &start);
    if (!dlopen(argv[1], RTLD_NOW)) {
        fprintf(stderr, "%s\n", dlerror());
        return 1;
    }
    clock_gettime(CLOCK_MONOTONIC, &end);
    look();
    printf("%lld %ld %ld", (end.tv_sec - start.tv_sec) * 1000000000LL + (end.tv_nsec - start.tv_nsec), resident, own);
    for (int i = 0; i < count; i++)
        printf(" %s", files[i]);
    printf("\n");
    return known == 0;
}
