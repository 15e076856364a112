/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The process forks while another thread holds the dynamic linker's lock, or changes the locale. In the child, a call
 * that fails and reports that must return. Prints the first child's message. For ctests/reporting/reporting.sh.
 *
 * usage: forked linker | locale
 */
#define _GNU_SOURCE
#include <link.h>
#include <locale.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <virnetdevvf.h>

enum { SECONDS = 10, FORKS = 200 };

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

/* glibc's setlocale(3) and newlocale(3) hold a lock that strerror(3) takes too. A test cannot stop a thread there. */
static void *change_locale(void *argument)
{
    (void)argument;
    sem_post(&inside);
    for (;;) {
        locale_t locale = newlocale(LC_ALL_MASK, "C.UTF-8", (locale_t)0);

        if (locale)
            freelocale(locale);
    }
    return NULL;
}

/* Whether the call returns in a child. */
static bool comes_back(bool print)
{
    const int out_of_range = 4096;
    const char *message;
    int status;
    pid_t child = fork();

    if (child == 0) {
        /* This ends a child that hangs. */
        alarm(SECONDS);
        if (virNetDevSetVfVlan("eth7", 5, &out_of_range) == 0)
            _exit(3);
        message = virNetDevVfLastError();
        _exit(print && write(STDOUT_FILENO, message, strlen(message)) < 0 ? 4 : 0);
    }
    return waitpid(child, &status, 0) == child && status == 0;
}

int main(int argc, char **argv)
{
    bool locale = argc > 1 && strcmp(argv[1], "locale") == 0, back = true;
    pthread_t thread;

    sem_init(&inside, 0, 0);
    sem_init(&leave, 0, 0);
    if (pthread_create(&thread, NULL, locale ? change_locale : hold_the_lock, NULL) != 0)
        return 2;
    sem_wait(&inside);
    /* The linker's lock is held during each fork. The locale's lock is held during some of many forks. */
    for (int i = 0; back && i < (locale ? FORKS : 1); i++)
        back = comes_back(i == 0);
    if (!locale) {
        sem_post(&leave);
        pthread_join(thread, NULL);
    }
    return !back;
}
