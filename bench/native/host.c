// Runs small programs of memory operations on this machine's kernel and says how long the parts
// between `start` and `stop` take. The simulator runs the same programs
// (bench/src/host/simulated-program.ts), so that both sides do the same by construction.
//
// Reads lines `NAME STEP; STEP; …` and answers each with `NAME WALL CPU`, both in ns, or with
// `NAME skipped REASON`. Numbers of pages count 4 KiB from the beginning of the mapping.
//
//   map small|huge N     map N pages of anonymous memory, with that advice on huge pages
//   read F N S           read one byte of each S-th page among the N from page F on
//   write F N S          write it
//   protect F N          mprotect() to read only
//   drop F N             madvise(MADV_DONTNEED)
//   unmap F N            munmap()
//   move F N NODE        move_pages() to a node
//   null N               N system calls that do nothing
//   fork                 have a child, which waits for what it is told
//   child STEP           the child does a step; the parent waits until it has
//   end                  the child exits and is waited for
//   start, stop          begin and end of what is timed; there may be several
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PAGE = 4096, BLOCK = 2 << 20, LINE = 4096, MAX_MOVED = 1 << 16 };

// Why a step cannot be done here; the program is given up with it.
static char refusal[256];

static char *area;
static size_t area_bytes;
static char *mapped;

struct child {
    pid_t pid;
    int to, from;
    clockid_t clock;
};
static struct child child;

// CPU time of children that are gone, as far as they were timed.
static uint64_t gone_ns;

static uint64_t read_clock(clockid_t clock)
{
    struct timespec t;
    if (clock_gettime(clock, &t) != 0)
        return 0;
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static uint64_t cpu_ns(void)
{
    uint64_t of_child = child.pid == 0 ? 0 : read_clock(child.clock);
    return read_clock(CLOCK_PROCESS_CPUTIME_ID) + of_child + gone_ns;
}

static int refuse(const char *what)
{
    snprintf(refusal, sizeof(refusal), "%s: %s", what, strerror(errno));
    return -1;
}

static int do_map(const char *kind, size_t nr_pages)
{
    area_bytes = nr_pages * PAGE + BLOCK;
    area = mmap(NULL, area_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (area == MAP_FAILED) {
        area = NULL;
        return refuse("mmap");
    }
    mapped = (char *)(((uintptr_t)area + BLOCK - 1) & ~(uintptr_t)(BLOCK - 1));
    // Without its margins the mapping begins where a page table does, as the simulator's.
    if (mapped > area)
        munmap(area, (size_t)(mapped - area));
    char *end = mapped + nr_pages * PAGE;
    if (area + area_bytes > end)
        munmap(end, (size_t)(area + area_bytes - end));
    area = mapped;
    area_bytes = nr_pages * PAGE;
    int advice = strcmp(kind, "huge") == 0 ? MADV_HUGEPAGE : MADV_NOHUGEPAGE;
    return madvise(mapped, area_bytes, advice) == 0 ? 0 : refuse("madvise");
}

static void touch(int is_write, size_t from, size_t nr_pages, size_t stride)
{
    volatile char *start = mapped + from * PAGE;
    for (size_t i = 0; i < nr_pages; i += stride) {
        if (is_write)
            start[i * PAGE] = 1;
        else
            (void)start[i * PAGE];
    }
}

static int do_move(size_t from, size_t nr_pages, int node)
{
    static void *pages[MAX_MOVED];
    static int nodes[MAX_MOVED], status[MAX_MOVED];
    if (nr_pages > MAX_MOVED) {
        errno = E2BIG;
        return refuse("move_pages");
    }
    for (size_t i = 0; i < nr_pages; i++) {
        pages[i] = mapped + (from + i) * PAGE;
        nodes[i] = node;
    }
    long rc = syscall(SYS_move_pages, 0, nr_pages, pages, nodes, status, 2 /* MPOL_MF_MOVE */);
    return rc == 0 ? 0 : refuse("move_pages");
}

// A step that a child can do as well.
static int do_memory_step(const char *text)
{
    char word[16];
    size_t from = 0, count = 0, third = 0;
    if (sscanf(text, "%15s %zu %zu %zu", word, &from, &count, &third) < 1)
        return 0;
    char *start = mapped + from * PAGE;
    size_t bytes = count * PAGE;
    if (strcmp(word, "read") == 0 || strcmp(word, "write") == 0) {
        touch(word[0] == 'w', from, count, third == 0 ? 1 : third);
        return 0;
    }
    if (strcmp(word, "protect") == 0)
        return mprotect(start, bytes, PROT_READ) == 0 ? 0 : refuse(word);
    if (strcmp(word, "drop") == 0)
        return madvise(start, bytes, MADV_DONTNEED) == 0 ? 0 : refuse(word);
    if (strcmp(word, "unmap") == 0)
        return munmap(start, bytes) == 0 ? 0 : refuse(word);
    if (strcmp(word, "move") == 0)
        return do_move(from, count, (int)third);
    if (strcmp(word, "null") == 0) {
        for (size_t i = 0; i < from; i++)
            syscall(SYS_getppid);
        return 0;
    }
    snprintf(refusal, sizeof(refusal), "no such step: %s", word);
    return -1;
}

static void serve_parent(int from, int to)
{
    char text[LINE];
    for (;;) {
        ssize_t length = read(from, text, sizeof(text) - 1);
        if (length <= 0)
            _exit(0);
        text[length] = 0;
        char answer = do_memory_step(text) == 0 ? 'y' : 'n';
        if (write(to, &answer, 1) != 1)
            _exit(1);
    }
}

static int do_fork(void)
{
    int down[2], up[2];
    if (pipe(down) != 0 || pipe(up) != 0)
        return refuse("pipe");
    pid_t pid = fork();
    if (pid < 0)
        return refuse("fork");
    if (pid == 0) {
        close(down[1]);
        close(up[0]);
        serve_parent(down[0], up[1]);
    }
    close(down[0]);
    close(up[1]);
    child.pid = pid;
    child.to = down[1];
    child.from = up[0];
    return clock_getcpuclockid(pid, &child.clock) == 0 ? 0 : refuse("clock_getcpuclockid");
}

static int do_child(const char *step)
{
    char answer = 0;
    size_t length = strlen(step);
    if (child.pid == 0 || write(child.to, step, length) != (ssize_t)length)
        return refuse("child");
    if (read(child.from, &answer, 1) != 1 || answer != 'y')
        return refuse("child");
    return 0;
}

static int do_end(void)
{
    if (child.pid == 0)
        return 0;
    close(child.to);
    close(child.from);
    siginfo_t info;
    // Its clock can be read until it is waited for.
    waitid(P_PID, (id_t)child.pid, &info, WEXITED | WNOWAIT);
    gone_ns += read_clock(child.clock);
    child.pid = 0;
    return waitpid(info.si_pid, NULL, 0) > 0 ? 0 : refuse("waitpid");
}

struct timing {
    uint64_t wall, cpu, wall_from, cpu_from;
};

static int do_step(char *text, struct timing *timing)
{
    char word[16] = "", kind[16] = "";
    size_t count = 0;
    text += strspn(text, " ");
    if (sscanf(text, "%15s", word) < 1)
        return 0;
    if (strcmp(word, "start") == 0) {
        timing->cpu_from = cpu_ns();
        timing->wall_from = read_clock(CLOCK_MONOTONIC);
        return 0;
    }
    if (strcmp(word, "stop") == 0) {
        timing->wall += read_clock(CLOCK_MONOTONIC) - timing->wall_from;
        timing->cpu += cpu_ns() - timing->cpu_from;
        return 0;
    }
    if (strcmp(word, "map") == 0 && sscanf(text, "map %15s %zu", kind, &count) == 2)
        return do_map(kind, count);
    if (strcmp(word, "fork") == 0)
        return do_fork();
    if (strcmp(word, "end") == 0)
        return do_end();
    if (strcmp(word, "child") == 0)
        return do_child(text + strlen("child "));
    return do_memory_step(text);
}

// One CPU for all of a program: then nobody has to be interrupted for a TLB flush.
static void stay_on_this_cpu(void)
{
    cpu_set_t set;
    int cpu = sched_getcpu();
    CPU_ZERO(&set);
    CPU_SET(cpu < 0 ? 0 : cpu, &set);
    sched_setaffinity(0, sizeof(set), &set);
}

static void run(const char *name, char *program)
{
    struct timing timing = {0};
    char *rest = NULL;
    refusal[0] = 0;
    gone_ns = 0;
    int rc = 0;
    for (char *step = strtok_r(program, ";\n", &rest); step != NULL && rc == 0;
         step = strtok_r(NULL, ";\n", &rest))
        rc = do_step(step, &timing);
    do_end();
    if (area != NULL)
        munmap(area, area_bytes);
    area = NULL;
    if (rc != 0)
        printf("%s skipped %s\n", name, refusal);
    else
        printf("%s %llu %llu\n", name, (unsigned long long)timing.wall,
               (unsigned long long)timing.cpu);
    fflush(stdout);
}

int main(void)
{
    char line[LINE], name[64];
    stay_on_this_cpu();
    while (fgets(line, sizeof(line), stdin) != NULL) {
        int length = 0;
        if (sscanf(line, "%63s %n", name, &length) == 1)
            run(name, line + length);
    }
    return 0;
}
