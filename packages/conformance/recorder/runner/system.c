/* Placement, scanners and system-wide settings; and how the machine is set up. */
#define _GNU_SOURCE
#include "runner.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define THP "/sys/kernel/mm/transparent_hugepage/"
#define KHUGEPAGED THP "khugepaged/"
#define KSM "/sys/kernel/mm/ksm/"
#define BALANCING "/sys/kernel/debug/sched/numa_balancing/"
#define POLICY_DEFAULT 0
#define POLICY_BIND 2
#define MOVE_OWN 2
#define MOVE_ALL 4
#define FOREVER_MS 4000000000l
#define WAIT_MS 20000

/* Waits until a counter in a file reaches a value. */
static int wait_for(const char *path, long value)
{
	long end = milliseconds() + WAIT_MS;

	while (read_number(path) < value) {
		if (milliseconds() > end) {
			errno = EAGAIN;
			return -1;
		}
		usleep(1000);
	}
	return 0;
}

static long move(unsigned long start, unsigned long len, int node, bool all)
{
	static void *pages[MAX_PAGES];
	static int nodes[MAX_PAGES];
	struct answer *answer = &shared->answer;

	for (unsigned long i = 0; i < len; i++) {
		pages[i] = window_address(start + i);
		nodes[i] = node;
		answer->statuses[i] = -999;
	}
	answer->nr_statuses = len;
	return syscall(SYS_move_pages, 0, len, pages, node < 0 ? NULL : nodes, answer->statuses,
		       all ? MOVE_ALL : MOVE_OWN);
}

static long migrate(int from, int to)
{
	unsigned long source = 1ul << from, target = 1ul << to;

	return syscall(SYS_migrate_pages, 0, 64ul, &source, &target);
}

static long bind_range(unsigned long start, unsigned long len, int node, unsigned flags)
{
	unsigned long mask = node < 0 ? 0 : 1ul << node;

	return syscall(SYS_mbind, window_address(start), len * PAGE,
		       node < 0 ? POLICY_DEFAULT : POLICY_BIND, node < 0 ? NULL : &mask,
		       node < 0 ? 0ul : 64ul, flags);
}

static long bind_task(int node)
{
	unsigned long mask = node < 0 ? 0 : 1ul << node;

	return syscall(SYS_set_mempolicy, node < 0 ? POLICY_DEFAULT : POLICY_BIND,
		       node < 0 ? NULL : &mask, node < 0 ? 0ul : 64ul);
}

long run_on(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return sched_setaffinity(0, sizeof(set), &set);
}

static void *sleep_forever(void *unused)
{
	for (;;)
		pause();
	return unused;
}

static long start_thread(void)
{
	pthread_t thread;

	errno = pthread_create(&thread, NULL, sleep_forever, NULL);
	return errno ? -1 : 0;
}

/* The number of scans of this process's memory that the NUMA scanner has completed. */
static long scan_sequence(void)
{
	char text[4096] = "", *line;
	int fd = open("/proc/self/sched", O_RDONLY);

	if (fd < 0)
		return -1;
	if (read(fd, text, sizeof(text) - 1) < 0)
		text[0] = 0;
	close(fd);
	line = strstr(text, "mm->numa_scan_seq");
	line = line ? strchr(line, ':') : NULL;
	return line ? strtol(line + 1, NULL, 10) : -1;
}

static long scan_numa(long advances)
{
	long end = milliseconds() + 12000, wanted = scan_sequence() + advances;
	bool reached = false;

	drain_lru();
	if (write_number("/proc/sys/kernel/numa_balancing", 1))
		return -1;
	while (!reached && milliseconds() < end) {
		for (volatile int i = 0; i < 2000000; i++)
			;
		reached = scan_sequence() >= wanted;
	}
	write_number("/proc/sys/kernel/numa_balancing", 0);
	errno = EAGAIN;
	return reached ? 0 : -1;
}

/* A write to the sleep time wakes khugepaged for one pass. */
static int pass_khugepaged(void)
{
	long passes = read_number(KHUGEPAGED "full_scans");

	if (write_number(KHUGEPAGED "scan_sleep_millisecs", FOREVER_MS))
		return -1;
	return wait_for(KHUGEPAGED "full_scans", passes + 1);
}

/* Whether transparent_hugepage/enabled has this value; the file shows it in brackets. */
static bool thp_is(const char *bracketed)
{
	char enabled[64] = "";
	int fd = open(THP "enabled", O_RDONLY | O_CLOEXEC);

	if (fd < 0 || read(fd, enabled, sizeof(enabled) - 1) < 0)
		return false;
	close(fd);
	return strstr(enabled, bracketed) != NULL;
}

static long scan_khugepaged(void)
{
	const char *counter = KHUGEPAGED "pages_collapsed";
	long before = read_number(counter), last = before;

	/* With `always` blocks outside the window count too; with `never` there is no khugepaged. */
	shared->answer.has_collapsed = !thp_is("[always]");
	if (thp_is("[never]"))
		return 0;
	for (int idle = 0; idle < 2;) {
		if (pass_khugepaged())
			break;
		idle = read_number(counter) == last ? idle + 1 : 0;
		last = read_number(counter);
	}
	shared->answer.collapsed = last - before;
	return 0;
}

static long set_khugepaged(long none, long swap, long shared_pages)
{
	return write_number(KHUGEPAGED "max_ptes_none", none) ||
	       write_number(KHUGEPAGED "max_ptes_swap", swap) ||
	       write_number(KHUGEPAGED "max_ptes_shared", shared_pages) ? -1 : 0;
}

/* Leaving `never` starts a new khugepaged, which makes a pass at once. */
static long set_thp(const char *value)
{
	long passes = read_number(KHUGEPAGED "full_scans");
	bool stopped = thp_is("[never]");

	if (write_text(THP "enabled", value))
		return -1;
	if (stopped && strcmp(value, "never"))
		wait_for(KHUGEPAGED "full_scans", passes + 1);
	return 0;
}

static long scan_ksm(long scans)
{
	long result;

	if (write_number(KSM "run", 1))
		return -1;
	result = wait_for(KSM "full_scans", read_number(KSM "full_scans") + scans);
	write_number(KSM "run", 0);
	return result;
}

bool system_operation(const char *name)
{
	long result;

	if (!strcmp(name, "move"))
		result = move(argument(0), argument(1), argument(2), argument(3));
	else if (!strcmp(name, "mpol"))
		result = bind_task(argument(0));
	else if (!strcmp(name, "mbind"))
		result = bind_range(argument(0), argument(1), argument(2), argument(3));
	else if (!strcmp(name, "migpages"))
		result = migrate(argument(0), argument(1));
	else if (!strcmp(name, "cpu"))
		result = run_on(argument(0));
	else if (!strcmp(name, "thread"))
		result = start_thread();
	else if (!strcmp(name, "nscan"))
		result = scan_numa(shared->nr_words > 2 ? argument(0) : 3);
	else if (!strcmp(name, "khscan"))
		result = scan_khugepaged();
	else if (!strcmp(name, "khset"))
		result = set_khugepaged(argument(0), argument(1), argument(2));
	else if (!strcmp(name, "thp"))
		result = set_thp(shared->words[2]);
	else if (!strcmp(name, "ksmscan"))
		result = scan_ksm(shared->nr_words > 2 ? argument(0) : 5);
	else if (!strcmp(name, "ksmset"))
		result = write_number(KSM "use_zero_pages", argument(0));
	else
		return false;
	shared->answer.result = result;
	if (result < 0)
		shared->answer.error = errno;
	return true;
}

/*
 * khugepaged and ksmd sleep for good when no process asks for them; this one always does. For
 * khugepaged memory counts only once it was written to; ksmd is content with an empty page.
 */
static void start_idle_user(void)
{
	volatile char *ready = (volatile char *)shared->buffer, *memory;
	void *empty;
	size_t size = 4ul << 20;

	*ready = 0;
	if (fork()) {
		while (!*ready)
			sched_yield();
		return;
	}
	memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED || madvise((void *)memory, size, MADV_HUGEPAGE))
		die("cannot keep khugepaged busy");
	*memory = 1;
	empty = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (empty == MAP_FAILED || madvise(empty, PAGE, MADV_MERGEABLE))
		say("there is no ksmd: %s", strerror(errno));
	*ready = 1;
	sleep_forever(NULL);
}

/* Scanners run only inside their own operations, and then without pauses. */
void prepare_system(void)
{
	start_idle_user();
	write_number("/proc/sys/kernel/numa_balancing", 0);
	write_number(KHUGEPAGED "alloc_sleep_millisecs", 0);
	write_number(KHUGEPAGED "pages_to_scan", 100000000);
	write_text(THP "defrag", "madvise");
	write_number(KSM "pages_to_scan", 1000000);
	write_number(KSM "sleep_millisecs", 0);
	write_number(KSM "smart_scan", 0);
	write_number(BALANCING "scan_delay_ms", 1);
	write_number(BALANCING "scan_period_min_ms", 1);
	write_number(BALANCING "scan_size_mb", 32);
	reset_system();
	/* The first pass may be one that was under way; after the second it sleeps. */
	pass_khugepaged();
	pass_khugepaged();
}

/* Undoes what a case may have set. */
void reset_system(void)
{
	set_khugepaged(511, 64, 256);
	set_thp("madvise");
	write_number(KSM "use_zero_pages", 0);
	if (read_number(KSM "pages_shared") > 0 || read_number(KSM "pages_unshared") > 0) {
		write_number(KSM "run", 2);
		write_number(KSM "run", 0);
	}
}
