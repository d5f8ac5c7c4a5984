/* A worker: a process of the case. It executes operations and describes its own memory. */
#define _GNU_SOURCE
#include "runner.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#define ANSWER_MS 40000

/* One pair of pipes per worker, made by the controller before the first of them starts. */
static int requests[MAX_PROCESSES][2], replies[MAX_PROCESSES][2];

static void fork_worker(void)
{
	int child = argument(0);
	pid_t pid = fork();

	if (pid < 0) {
		shared->answer.error = errno;
		return;
	}
	if (pid == 0) {
		if (self.userfault >= 0)
			close(self.userfault);
		if (self.pins >= 0)
			close(self.pins);
		self.userfault = -1;
		self.pins = -1;
		close_devices();
		shared->pids[child] = getpid();
		worker_main(child);
	}
	/* The child reports for itself once it has closed what it inherited. */
	while (*(volatile pid_t *)&shared->pids[child] == 0)
		sched_yield();
}

static void execute(void)
{
	const char *name = shared->words[0];

	if (!strcmp(name, "exit"))
		_exit(0);
	if (!strcmp(name, "fork"))
		fork_worker();
	else if (!memory_operation(name) && !device_operation(name) && !system_operation(name) &&
		 !userfault_operation(name) && !race_operation(name))
		shared->answer.error = ENOSYS;
}

/* Serves the controller until the case ends. */
void worker_main(int number)
{
	char request;

	self.number = number;
	signal(SIGCHLD, SIG_IGN);
	while (read(requests[number][0], &request, 1) == 1) {
		if (request == 'o')
			execute();
		else
			describe_memory(&shared->views[number]);
		if (write(replies[number][1], &request, 1) != 1)
			break;
	}
	_exit(0);
}

static void make_pipes(void)
{
	for (int i = 0; i < MAX_PROCESSES; i++) {
		if (requests[i][1]) {
			close(requests[i][0]);
			close(requests[i][1]);
			close(replies[i][0]);
			close(replies[i][1]);
		}
		if (pipe2(requests[i], O_CLOEXEC) || pipe2(replies[i], O_CLOEXEC))
			die("cannot make pipes");
	}
}

static void open_files(void)
{
	static const char *const paths[NR_FILES] = { "/tmp/f0", "/tmp/f1", "/ramfs/f2", "/ramfs/f3" };

	for (int i = 0; i < NR_FILES; i++) {
		self.files[i] = -1;
		if (!(shared->options & HAS_FILES))
			continue;
		unlink(paths[i]);
		self.files[i] = open(paths[i], O_RDWR | O_CREAT | O_CLOEXEC, 0600);
		if (self.files[i] < 0 || ftruncate(self.files[i], FILE_PAGES * PAGE))
			die("cannot make files");
	}
}

/* Starts the first worker of a case. */
void start_worker(int number)
{
	cpu_set_t first;
	pid_t pid;

	make_pipes();
	pid = fork();
	if (pid < 0)
		die("cannot fork");
	if (pid == 0) {
		CPU_ZERO(&first);
		CPU_SET(0, &first);
		sched_setaffinity(0, sizeof(first), &first);
		self.userfault = -1;
		self.pins = -1;
		for (int device = 0; device < MAX_DEVICES; device++)
			self.devices[device] = -1;
		open_files();
		worker_main(number);
	}
	shared->pids[number] = pid;
}

/* Sends a request; 0 when it was served, -1 when no answer came. */
int ask_worker(int number, char request)
{
	struct pollfd reply = { .fd = replies[number][0], .events = POLLIN };

	if (write(requests[number][1], &request, 1) != 1)
		return -1;
	if (request == 'o' && !strcmp(shared->words[0], "exit")) {
		for (int waited = 0; kill(shared->pids[number], 0) == 0; waited++) {
			if (waited > ANSWER_MS)
				return -1;
			usleep(1000);
		}
		return 0;
	}
	if (poll(&reply, 1, ANSWER_MS) != 1)
		return -1;
	return read(reply.fd, &request, 1) == 1 ? 0 : -1;
}
