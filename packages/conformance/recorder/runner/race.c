/*
 * The operation `race`: a thread on CPU 1 sends random device commands while the worker repeats one
 * system call on CPU 0. Which wins differs from run to run; what pages may hold does not.
 *
 * Every token names its page and its writer: the worker, the device, or a forked child.
 */
#define _GNU_SOURCE
#include "runner.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define NR_ERRNOS 134
#define LAST_WORD (PAGE - sizeof(uint64_t))
#define POPULATE_WRITE 23
#define COLLAPSE 25
#define MOVE_OWN 2
/* Where `mremap` keeps the range while it is away. */
#define AWAY ((void *)(WINDOW + 4ul * MAX_PAGES * PAGE))

enum writer { WORKER = 1, DEVICE, CHILD };
enum tally { CPU, READ, WRITE, TO_DEVICE, TO_SYSTEM, EXCLUSIVE, NR_TALLIES };

static const char *const tally_names[NR_TALLIES] = {
	[CPU] = "cpu",		[READ] = "dread",      [WRITE] = "dwrite",
	[TO_DEVICE] = "todev",	[TO_SYSTEM] = "tosys", [EXCLUSIVE] = "excl",
};

struct kind {
	const char *name;
	int (*perform)(unsigned long round); /* 0 or an errno */
	bool empties;			     /* pages may become zero */
	bool writes;			     /* the CPU may cut a device's write in two */
};

static struct {
	const struct kind *kind;
	int device;
	unsigned long start, len;
	uint64_t seed;
	bool stop;
	unsigned device_writes; /* odd during a device's write */
	unsigned counts[NR_TALLIES][NR_ERRNOS];
	unsigned bad, torn, lost, final;
} race;

static uint64_t token_by(enum writer writer, unsigned long round, unsigned long page)
{
	return (uint64_t)writer << 40 | (round & 0xffffff) << 16 | page;
}

static uint64_t random_number(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static volatile uint64_t *first_word(unsigned long page)
{
	return window_address(page);
}

static volatile uint64_t *last_word(unsigned long page)
{
	return first_word(page) + LAST_WORD / sizeof(uint64_t);
}

static void write_range(enum writer writer, unsigned long round)
{
	for (unsigned long page = race.start; page < race.start + race.len; page++) {
		*first_word(page) = token_by(writer, round, page);
		*last_word(page) = token_by(writer, round, page);
	}
}

static void count(unsigned *counter)
{
	__atomic_fetch_add(counter, 1, __ATOMIC_RELAXED);
}

static void check_word(unsigned long page, uint64_t word)
{
	if (!word && !race.kind->empties)
		count(&race.lost);
	else if (word && ((word & 0xffff) != page || word >> 40 == CHILD))
		count(&race.bad);
}

/* Counts what is wrong with a page; `alone` when nobody wrote it while it was read. */
static void check_page(unsigned long page, uint64_t first, uint64_t last, bool alone)
{
	check_word(page, first);
	if (first == last)
		return;
	check_word(page, last);
	if (alone && !race.kind->writes)
		count(&race.torn);
}

static int wait_for_child(pid_t child)
{
	int status;

	if (child < 0 || waitpid(child, &status, 0) != child)
		return errno;
	if (status)
		count(&race.bad);
	return 0;
}

static int fork_once(unsigned long round)
{
	pid_t child = fork();

	(void)round;
	if (child == 0)
		_exit(0);
	return wait_for_child(child);
}

/* What the child wrote must stay its own. */
static int fork_and_write(unsigned long round)
{
	pid_t child = fork();

	if (child)
		return wait_for_child(child);
	write_range(CHILD, round);
	for (unsigned long page = race.start; page < race.start + race.len; page++) {
		uint64_t wanted = token_by(CHILD, round, page);

		if (*first_word(page) != wanted || *last_word(page) != wanted)
			_exit(1);
	}
	_exit(0);
}

static int map_again(unsigned long round)
{
	void *address = window_address(race.start);
	size_t size = race.len * PAGE;

	(void)round;
	if (munmap(address, size))
		return errno;
	address = mmap(address, size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	return address == MAP_FAILED ? errno : 0;
}

static int protect(unsigned long round)
{
	void *address = window_address(race.start);

	(void)round;
	if (mprotect(address, race.len * PAGE, PROT_READ) ||
	    mprotect(address, race.len * PAGE, PROT_READ | PROT_WRITE))
		return errno;
	return 0;
}

static int collapse(unsigned long round)
{
	(void)round;
	return madvise(window_address(race.start), race.len * PAGE, COLLAPSE) ? errno : 0;
}

static int drop(unsigned long round)
{
	(void)round;
	return madvise(window_address(race.start), race.len * PAGE, MADV_DONTNEED) ? errno : 0;
}

static int cpu_write(unsigned long round)
{
	write_range(WORKER, round);
	return 0;
}

static int cpu_read(unsigned long round)
{
	(void)round;
	for (unsigned long page = race.start; page < race.start + race.len; page++) {
		unsigned before = __atomic_load_n(&race.device_writes, __ATOMIC_SEQ_CST);
		uint64_t first = *first_word(page), last = *last_word(page);
		unsigned after = __atomic_load_n(&race.device_writes, __ATOMIC_SEQ_CST);

		check_page(page, first, last, before == after && before % 2 == 0);
	}
	return 0;
}

static int move_away_and_back(unsigned long round)
{
	void *home = window_address(race.start);
	size_t size = race.len * PAGE;

	(void)round;
	if (mremap(home, size, size, MREMAP_MAYMOVE | MREMAP_FIXED, AWAY) == MAP_FAILED ||
	    mremap(AWAY, size, size, MREMAP_MAYMOVE | MREMAP_FIXED, home) == MAP_FAILED)
		return errno;
	return 0;
}

static int move_to_node(unsigned long round)
{
	static void *pages[MAX_PAGES];
	static int nodes[MAX_PAGES], statuses[MAX_PAGES];

	for (unsigned long i = 0; i < race.len; i++) {
		pages[i] = window_address(race.start + i);
		nodes[i] = round % 2;
	}
	return syscall(SYS_move_pages, 0, race.len, pages, nodes, statuses, MOVE_OWN) < 0 ? errno : 0;
}

static const struct kind kinds[] = {
	{ .name = "fork", .perform = fork_once },
	{ .name = "forkwrite", .perform = fork_and_write },
	{ .name = "munmap", .perform = map_again, .empties = true },
	{ .name = "mprotect", .perform = protect },
	{ .name = "collapse", .perform = collapse },
	{ .name = "cpuwrite", .perform = cpu_write, .writes = true },
	{ .name = "cpuread", .perform = cpu_read },
	{ .name = "mremap", .perform = move_away_and_back },
	{ .name = "dontneed", .perform = drop, .empties = true },
	{ .name = "move", .perform = move_to_node },
};

static uint64_t buffer_word(unsigned long page, size_t offset)
{
	uint64_t word;

	memcpy(&word, shared->buffer + page * PAGE + offset, sizeof(word));
	return word;
}

static void check_buffer(unsigned long start, unsigned long len)
{
	for (unsigned long i = 0; i < len; i++)
		check_page(start + i, buffer_word(i, 0), buffer_word(i, LAST_WORD), true);
}

/* The device's side: random commands on random parts of the range. */
static void *send_commands(void *unused)
{
	uint64_t random = race.seed * 0x9e3779b97f4a7c15ull + 1;

	run_on(1);
	for (unsigned long round = 1; !__atomic_load_n(&race.stop, __ATOMIC_RELAXED); round++) {
		enum tally command = READ + random_number(&random) % (NR_TALLIES - READ);
		unsigned long offset = random_number(&random) % race.len;
		unsigned long len = 1 + random_number(&random) % (race.len - offset);
		unsigned long start = race.start + offset;
		int error;

		if (command == WRITE) {
			for (unsigned long i = 0; i < len; i++)
				put_token(shared->buffer + i * PAGE,
					  token_by(DEVICE, round, start + i));
			__atomic_fetch_add(&race.device_writes, 1, __ATOMIC_SEQ_CST);
		}
		error = command_device(tally_names[command], race.device, start, len);
		if (command == WRITE)
			__atomic_fetch_add(&race.device_writes, 1, __ATOMIC_SEQ_CST);
		if (command == READ && !error)
			check_buffer(start, len);
		race.counts[command][error]++;
	}
	return unused;
}

/* When all is quiet, the device must read what the CPU reads. */
static void compare_views(void)
{
	int error = command_device("dread", race.device, race.start, race.len);

	for (unsigned long i = 0; i < race.len; i++) {
		uint64_t first = *first_word(race.start + i), last = *last_word(race.start + i);

		check_page(race.start + i, first, last, true);
		if (error || buffer_word(i, 0) != first || buffer_word(i, LAST_WORD) != last)
			race.final++;
	}
}

static void write_note(void)
{
	char *note = shared->answer.note;

	note += sprintf(note, "{\"inv\":{\"bad\":%u,\"torn\":%u,\"lost\":%u,\"final\":%u}", race.bad,
			race.torn, race.lost, race.final);
	for (int tally = 0; tally < NR_TALLIES; tally++) {
		const char *before = "";

		note += sprintf(note, ",\"%s\":{", tally_names[tally]);
		for (int error = 0; error < NR_ERRNOS; error++) {
			if (!race.counts[tally][error])
				continue;
			note += sprintf(note, "%s\"%s\":%u", before,
					error ? strerrorname_np(error) : "ok",
					race.counts[tally][error]);
			before = ",";
		}
		note += sprintf(note, "}");
	}
	sprintf(note, "}");
}

static int run_race(long duration)
{
	long end = milliseconds() + duration;
	pthread_t thread;

	errno = pthread_create(&thread, NULL, send_commands, NULL);
	if (errno)
		return -1;
	/* The outcome of a child is wanted, which an ignored SIGCHLD would throw away. */
	signal(SIGCHLD, SIG_DFL);
	for (unsigned long round = 1; milliseconds() < end; round++)
		race.counts[CPU][race.kind->perform(round)]++;
	signal(SIGCHLD, SIG_IGN);
	__atomic_store_n(&race.stop, true, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	compare_views();
	write_note();
	errno = EIO;
	return race.bad || race.lost || race.final ? -1 : 0;
}

static const struct kind *kind_named(const char *name)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		if (!strcmp(kinds[i].name, name))
			return &kinds[i];
	}
	return NULL;
}

static long start_race(void)
{
	memset(&race, 0, sizeof(race));
	race.kind = kind_named(shared->words[2]);
	race.device = argument(1) & (MAX_DEVICES - 1);
	race.start = argument(2);
	race.len = argument(3);
	race.seed = argument(5);
	errno = EINVAL;
	if (!race.kind || !race.len || race.len > MAX_PAGES)
		return -1;
	/* Fails where the range is not writable memory. */
	if (madvise(window_address(race.start), race.len * PAGE, POPULATE_WRITE))
		return -1;
	write_range(WORKER, 0);
	return run_race(argument(4));
}

bool race_operation(const char *name)
{
	if (strcmp(name, "race"))
		return false;
	shared->answer.result = start_race();
	if (shared->answer.result < 0)
		shared->answer.error = errno;
	return true;
}
