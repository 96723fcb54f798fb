/* The floor: what the operating system itself asks for one frame to many sockets, and nothing else.
 *
 * floor FILE FIRST COUNT INTERVAL_NS
 *   FILE   frames, each after its length in four bytes, least significant first
 *   FIRST  number of the first of COUNT open sockets
 * Waits for SIGUSR1 (blocked by whoever started it), then sends one frame to all of them every INTERVAL_NS.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

static void deliver(int to, const unsigned char *frame, size_t size) {
    while (size > 0) {
        ssize_t sent = send(to, frame, size, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent >= 0) {
            frame += sent;
            size -= (size_t)sent;
        } else if (errno == EAGAIN) {
            struct pollfd slow = {.fd = to, .events = POLLOUT};
            poll(&slow, 1, 1000);
        } else if (errno != EINTR) {
            return;
        }
    }
}

static void wait_until(int64_t due) {
    struct timespec at = {.tv_sec = due / 1000000000, .tv_nsec = due % 1000000000};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) == EINTR) {
    }
}

int main(int argc, char **argv) {
    if (argc != 5) return 2;
    FILE *file = fopen(argv[1], "rb");
    int first = atoi(argv[2]), count = atoi(argv[3]), signal_number;
    int64_t interval = atoll(argv[4]);
    static unsigned char frame[1 << 20];
    unsigned char head[4];
    sigset_t start;
    struct timespec now;
    if (file == NULL) return 3;
    sigemptyset(&start);
    sigaddset(&start, SIGUSR1);
    if (sigwait(&start, &signal_number) != 0) return 4;
    clock_gettime(CLOCK_MONOTONIC, &now);
    int64_t due = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
    while (fread(head, 1, 4, file) == 4) {
        size_t size = head[0] | head[1] << 8 | head[2] << 16 | (size_t)head[3] << 24;
        if (size > sizeof frame || fread(frame, 1, size, file) != size) return 5;
        due += interval;
        wait_until(due);
        for (int i = 0; i < count; i++) deliver(first + i, frame, size);
    }
    pause();
    return 0;
}
