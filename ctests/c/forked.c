/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A child of fork(2) whose parent had another thread in the dynamic linker, with its lock held: a call that fails, and
 * reports that, must come back. Prints the child's message. For ctests/report.
 */
#define _GNU_SOURCE
#include <link.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <virnetdevvf.h>

enum { SECONDS = 10 };

static sem_t inside, leave;

static int hold(struct dl_phdr_info *info, size_t size, void *data)
{
    (void)info, (void)size, (void)data;
    sem_post(&inside);
    sem_wait(&leave);
    return 1;
}

static void *hold_the_lock(void *argument)
{
    dl_iterate_phdr(hold, argument);
    return NULL;
}

int main(void)
{
    const int out_of_range = 4096;
    pthread_t thread;
    int status;
    pid_t child;

    sem_init(&inside, 0, 0);
    sem_init(&leave, 0, 0);
    if (pthread_create(&thread, NULL, hold_the_lock, NULL) != 0)
        return 2;
    sem_wait(&inside);
    child = fork();
    if (child == 0) {
        /* A child that hangs is ended by this. */
        alarm(SECONDS);
        if (virNetDevSetVfVlan("eth7", 5, &out_of_range) == 0)
            _exit(3);
        if (write(STDOUT_FILENO, virNetDevVfLastError(), strlen(virNetDevVfLastError())) < 0)
            _exit(4);
        _exit(0);
    }
    waitpid(child, &status, 0);
    sem_post(&leave);
    pthread_join(thread, NULL);
    return status != 0;
}
