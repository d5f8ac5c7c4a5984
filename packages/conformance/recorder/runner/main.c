/* The controller: sets the machine up, reads cases, has workers perform them, writes records. */
#define _GNU_SOURCE
#include "runner.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define INPUT "/dev/vda"
#define OUTPUT "/dev/vdb"
#define SWAP "/dev/zram0"
#define SWAP_BYTES (512ul << 20)

static void mount_at(const char *type, const char *path)
{
	mkdir(path, 0755);
	if (mount(type, path, type, 0, NULL))
		say("cannot mount %s at %s: %s", type, path, strerror(errno));
}

/* A swap device starts with one page that says how many pages follow. */
static void start_swap(void)
{
	static uint8_t header[PAGE];
	uint32_t words[2] = { 1, SWAP_BYTES / PAGE - 1 };
	int fd;

	if (write_number("/sys/block/zram0/disksize", SWAP_BYTES))
		die("cannot size " SWAP);
	memcpy(header + 1024, words, sizeof(words));
	memcpy(header + PAGE - 10, "SWAPSPACE2", 10);
	fd = open(SWAP, O_WRONLY);
	if (fd < 0 || write(fd, header, PAGE) != PAGE || fsync(fd))
		die("cannot write " SWAP);
	close(fd);
	if (swapon(SWAP, 0))
		die("cannot swap to " SWAP);
}

/* The driver makes no device nodes by itself in every version. */
static void make_nodes(bool coherent)
{
	FILE *devices = fopen("/proc/devices", "re");
	char line[128], path[32];
	unsigned number, major = 0;

	while (devices && fgets(line, sizeof(line), devices)) {
		if (strstr(line, "HMM_DMIRROR") && sscanf(line, "%u", &number) == 1)
			major = number;
	}
	if (!major)
		die("the HMM test driver has no devices");
	fclose(devices);
	for (int device = 0; device < MAX_DEVICES; device++) {
		snprintf(path, sizeof(path), "/dev/hmm_dmirror%d", device);
		unlink(path);
		if (device < 2 || coherent)
			mknod(path, S_IFCHR | 0600, makedev(major, device));
	}
}

static void load_driver(void)
{
	const char *first = getenv("record_spm0"), *second = getenv("record_spm1");
	int module = open("/test_hmm.ko", O_RDONLY | O_CLOEXEC);
	char parameters[128] = "";

	if (first && second) {
		snprintf(parameters, sizeof(parameters), "spm_addr_dev0=%s spm_addr_dev1=%s", first,
			 second);
		machine.coherent[0] = strtoull(first, NULL, 0);
		machine.coherent[1] = strtoull(second, NULL, 0);
	}
	if (module >= 0 && syscall(SYS_finit_module, module, parameters, 0))
		die("cannot load the HMM test driver");
	make_nodes(first && second);
}

static void set_up(void)
{
	mount_at("proc", "/proc");
	mount_at("sysfs", "/sys");
	mount_at("devtmpfs", "/dev");
	mount_at("tmpfs", "/tmp");
	mount_at("ramfs", "/ramfs");
	mount_at("debugfs", "/sys/kernel/debug");
	signal(SIGCHLD, SIG_IGN);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	machine.log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (shared == MAP_FAILED || machine.log < 0)
		die("cannot start");
	if (getenv("record_huge"))
		write_text("/proc/sys/vm/nr_hugepages", getenv("record_huge"));
	if (getenv("record_swap"))
		start_swap();
	load_driver();
	calibrate_entries();
	prepare_system();
}

/* Splits a line into the words of an operation. */
static void read_words(char *line)
{
	char *rest = NULL;

	shared->nr_words = 0;
	for (char *word = strtok_r(line, " \n", &rest); word; word = strtok_r(NULL, " \n", &rest)) {
		if (shared->nr_words == MAX_WORDS || strlen(word) >= sizeof(shared->words[0]))
			die("malformed operation");
		strcpy(shared->words[shared->nr_words++], word);
	}
	if (shared->nr_words < 2)
		die("malformed operation");
}

static void clear_answer(void)
{
	struct answer *answer = &shared->answer;

	answer->result = answer->error = answer->collapsed = 0;
	answer->has_counts = answer->has_collapsed = false;
	answer->nr_tokens = answer->nr_bytes = answer->nr_statuses = 0;
	answer->note[0] = 0;
	for (int page = 0; page < MAX_PAGES; page++)
		answer->tokens[page].kind = 0;
}

static bool alive(long process)
{
	return process >= 0 && process < MAX_PROCESSES && shared->pids[process];
}

/* Performs the operation; false when a worker did not answer. */
static bool perform(void)
{
	long process = strtol(shared->words[1], NULL, 10);
	bool forks = !strcmp(shared->words[0], "fork"), exits = !strcmp(shared->words[0], "exit");
	long child = argument(0);

	clear_answer();
	if (!alive(process)) {
		shared->answer.error = DEAD;
		return true;
	}
	if (forks && (child < 1 || child >= MAX_PROCESSES || alive(child))) {
		shared->answer.error = BAD_FORK;
		return true;
	}
	if (ask_worker(process, 'o')) {
		shared->answer.error = HANG;
		return false;
	}
	if (exits)
		shared->pids[process] = 0;
	return true;
}

static bool describe(void)
{
	bool answered = true;

	if (shared->options & DRAINS_LRU)
		drain_lru();
	for (int process = 0; process < MAX_PROCESSES && answered; process++)
		answered = !alive(process) || ask_worker(process, 'd') == 0;
	return answered;
}

static void end_workers(void)
{
	for (int process = 0; process < MAX_PROCESSES; process++) {
		pid_t pid = shared->pids[process];

		shared->pids[process] = 0;
		if (pid)
			kill(pid, SIGKILL);
		for (int waited = 0; pid && kill(pid, 0) == 0 && waited < 10000; waited++)
			usleep(1000);
	}
}

/* Runs one case; false when the machine should not be used any further. */
static bool run_case(FILE *input, const char *id, int output)
{
	bool sound = true;
	char line[512];

	lseek(machine.log, 0, SEEK_END);
	begin_record(id);
	start_worker(0);
	shared->op_index = 0;
	while (fgets(line, sizeof(line), input) && strcmp(line, "E\n")) {
		if (!sound)
			continue;
		read_words(line);
		sound = perform() && describe();
		add_answer();
		shared->op_index++;
	}
	end_record(output, !sound);
	end_workers();
	reset_system();
	return sound;
}

static bool run_cases(FILE *input, int output)
{
	char line[512], id[128];

	while (fgets(line, sizeof(line), input) && line[0] == 'C') {
		shared->options = 0;
		if (sscanf(line, "C %127s %d %d %d %d", id, &shared->window_pages, &shared->numa,
			   &shared->thp, &shared->options) < 4 ||
		    shared->window_pages < 1 || shared->window_pages > MAX_PAGES)
			die("malformed case");
		if (!run_case(input, id, output))
			return false;
	}
	return true;
}

int main(void)
{
	FILE *input;
	int output;

	set_up();
	input = fopen(INPUT, "re");
	output = open(OUTPUT, O_WRONLY | O_CLOEXEC);
	if (!input || output < 0)
		die("no case or record device");
	if (run_cases(input, output) && write(output, "#END\n", 5) == 5)
		say("all cases ran");
	fsync(output);
	sync();
	reboot(RB_POWER_OFF);
	return 0;
}
