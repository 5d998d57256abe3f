#pragma once
#include <libpq-fe.h>
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

// Character macros do not import into Swift.
static const int QPG_DIAG_SQLSTATE = PG_DIAG_SQLSTATE;
static const int QPG_DIAG_SEVERITY = PG_DIAG_SEVERITY_NONLOCALIZED;
static const int QPG_DIAG_MESSAGE_PRIMARY = PG_DIAG_MESSAGE_PRIMARY;
static const int QPG_DIAG_CONSTRAINT_NAME = PG_DIAG_CONSTRAINT_NAME;
static const int QPG_DIAG_TABLE_NAME = PG_DIAG_TABLE_NAME;
static const int QPG_DIAG_COLUMN_NAME = PG_DIAG_COLUMN_NAME;
static const int QPG_DIAG_SOURCE_FUNCTION = PG_DIAG_SOURCE_FUNCTION;

// Declared by glibc for _GNU_SOURCE only, which a header shared with Swift must not define.
extern int pthread_setname_np(pthread_t thread, const char *name);
extern int pthread_condattr_setclock(pthread_condattr_t *attributes, clockid_t clock);

#define QPG_READY_SOCKET 1
#define QPG_READY_WAKE 2

/// Waits for the socket (to read, and to write when asked) or the wake descriptor; a set of QPG_READY_*, 0 for a time-out, -1 for an error.
static inline int qpg_wait(int socket, int wants_write, int wake, int milliseconds) {
    struct pollfd watched[2] = {
        {.fd = socket, .events = (short)(wants_write ? POLLIN | POLLOUT : POLLIN), .revents = 0},
        {.fd = wake, .events = POLLIN, .revents = 0},
    };
    int ready = poll(watched, 2, milliseconds);
    if (ready < 0) return errno == EINTR ? 0 : -1;
    return (watched[0].revents ? QPG_READY_SOCKET : 0) | (watched[1].revents ? QPG_READY_WAKE : 0);
}

/// Waits only to write, or only to read, while a connection is being made.
static inline int qpg_wait_connecting(int socket, int wants_write, int wake, int milliseconds) {
    struct pollfd watched[2] = {
        {.fd = socket, .events = (short)(wants_write ? POLLOUT : POLLIN), .revents = 0},
        {.fd = wake, .events = POLLIN, .revents = 0},
    };
    int ready = poll(watched, 2, milliseconds);
    if (ready < 0) return errno == EINTR ? 0 : -1;
    return (watched[0].revents ? QPG_READY_SOCKET : 0) | (watched[1].revents ? QPG_READY_WAKE : 0);
}

/// The addresses of a name as text, separated by commas; blocks for as long as the name servers please.
static inline int qpg_look_up(const char *name, char *text, size_t size) {
    struct addrinfo wanted, *found = NULL, *entry;
    memset(&wanted, 0, sizeof wanted);
    wanted.ai_socktype = SOCK_STREAM;
    text[0] = 0;
    int failure = getaddrinfo(name, NULL, &wanted, &found);
    if (failure != 0) return failure;
    size_t used = 0;
    for (entry = found; entry != NULL; entry = entry->ai_next) {
        char address[128];
        if (getnameinfo(entry->ai_addr, entry->ai_addrlen, address, sizeof address, NULL, 0, NI_NUMERICHOST)) continue;
        if (used + strlen(address) + 2 > size) break;
        used += (size_t)snprintf(text + used, size - used, "%s%s", used ? "," : "", address);
    }
    freeaddrinfo(found);
    return 0;
}

static inline int qpg_wake_descriptor(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }
static inline void qpg_wake(int descriptor) {
    uint64_t one = 1;
    ssize_t written = write(descriptor, &one, sizeof one);
    (void)written;
}
static inline void qpg_calm(int descriptor) {
    uint64_t count;
    ssize_t got = read(descriptor, &count, sizeof count);
    (void)got;
}
static inline int qpg_close_descriptor(int descriptor) { return close(descriptor); }

/// A condition variable on the monotonic clock, so that a change of the wall clock neither wakes nor starves a waiter.
static inline int qpg_condition_init(pthread_cond_t *condition) {
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    int outcome = pthread_cond_init(condition, &attributes);
    pthread_condattr_destroy(&attributes);
    return outcome;
}
static inline int qpg_condition_wait_for(pthread_cond_t *condition, pthread_mutex_t *mutex, int64_t milliseconds) {
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += milliseconds / 1000;
    until.tv_nsec += (milliseconds % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) { until.tv_sec += 1; until.tv_nsec -= 1000000000; }
    return pthread_cond_timedwait(condition, mutex, &until);
}
