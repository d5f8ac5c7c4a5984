// What this machine's kernel needs for the operations that the benchmark suite times. Prints one
// line per operation: its name as in the suite, and the median cost in ns per page or operation.
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PAGE = 4096, HUGE = 2 << 20, ROUNDS = 9 };
static const size_t nr_pages = (256 << 20) / PAGE;

static double now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1e9 + t.tv_nsec;
}

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

// 256 MiB at a 2 MiB boundary, with the given madvise.
static volatile char *map_memory(int advice)
{
    size_t size = nr_pages * PAGE;
    char *raw = mmap(NULL, size + HUGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (raw == MAP_FAILED)
        fail("mmap");
    char *start = (char *)(((uintptr_t)raw + HUGE - 1) & ~(uintptr_t)(HUGE - 1));
    if (madvise(start, size, advice) != 0)
        fail("madvise");
    return start;
}

static void unmap_memory(volatile char *start)
{
    if (munmap((void *)start, nr_pages * PAGE) != 0)
        fail("munmap");
}

static void write_pages(volatile char *start, size_t stride)
{
    for (size_t i = 0; i < nr_pages * PAGE; i += stride)
        start[i] = 1;
}

static char read_pages(volatile char *start)
{
    char sum = 0;
    for (size_t i = 0; i < nr_pages * PAGE; i += PAGE)
        sum += start[i];
    return sum;
}

static double first_touch(void)
{
    volatile char *start = map_memory(MADV_NOHUGEPAGE);
    double from = now_ns();
    write_pages(start, PAGE);
    double cost = (now_ns() - from) / nr_pages;
    unmap_memory(start);
    return cost;
}

static double zero_page_read(void)
{
    volatile char *start = map_memory(MADV_NOHUGEPAGE);
    double from = now_ns();
    read_pages(start);
    double cost = (now_ns() - from) / nr_pages;
    unmap_memory(start);
    return cost;
}

// A child that lives until the parent has written every page, or is gone before.
static double write_after_fork(int child_lives)
{
    volatile char *start = map_memory(MADV_NOHUGEPAGE);
    write_pages(start, PAGE);
    int gate[2];
    if (pipe(gate) != 0)
        fail("pipe");
    pid_t child = fork();
    if (child == 0) {
        char byte;
        close(gate[1]);
        if (child_lives && read(gate[0], &byte, 1) < 0)
            _exit(1);
        _exit(0);
    }
    close(gate[0]);
    if (!child_lives)
        waitpid(child, NULL, 0);
    double from = now_ns();
    write_pages(start, PAGE);
    double cost = (now_ns() - from) / nr_pages;
    close(gate[1]);
    if (child_lives)
        waitpid(child, NULL, 0);
    unmap_memory(start);
    return cost;
}

static double cow_copy(void)
{
    return write_after_fork(1);
}

static double cow_reuse(void)
{
    return write_after_fork(0);
}

static double fork_per_page(void)
{
    volatile char *start = map_memory(MADV_NOHUGEPAGE);
    write_pages(start, PAGE);
    double from = now_ns();
    pid_t child = fork();
    if (child == 0)
        _exit(0);
    double cost = (now_ns() - from) / nr_pages;
    waitpid(child, NULL, 0);
    unmap_memory(start);
    return cost;
}

static double munmap_per_page(void)
{
    volatile char *start = map_memory(MADV_NOHUGEPAGE);
    write_pages(start, PAGE);
    double from = now_ns();
    unmap_memory(start);
    return (now_ns() - from) / nr_pages;
}

static double thp_fault(void)
{
    volatile char *start = map_memory(MADV_HUGEPAGE);
    double from = now_ns();
    write_pages(start, HUGE);
    double cost = (now_ns() - from) / (nr_pages * PAGE / HUGE);
    unmap_memory(start);
    return cost;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(void)
{
    const struct {
        const char *name;
        double (*run)(void);
    } operations[] = {
        {"fault/first-touch-4k", first_touch}, {"fault/zero-page-read", zero_page_read},
        {"cow/copy", cow_copy},                {"cow/reuse", cow_reuse},
        {"fork/per-page", fork_per_page},      {"munmap/per-page", munmap_per_page},
        {"fault/thp-2m", thp_fault},
    };
    for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
        double costs[ROUNDS];
        for (int round = 0; round < ROUNDS; round++)
            costs[round] = operations[i].run();
        qsort(costs, ROUNDS, sizeof(double), ascending);
        printf("%s %.1f\n", operations[i].name, costs[ROUNDS / 2]);
    }
    return 0;
}
