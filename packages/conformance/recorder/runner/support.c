/* Small helpers shared by controller and workers. */
#define _GNU_SOURCE
#include "runner.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

struct shared *shared;
struct worker self;
struct machine machine;

/* Messages go to the console; the host shows them when a boot fails. */
void say(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	printf("recorder: ");
	vprintf(format, arguments);
	printf("\n");
	fflush(stdout);
	va_end(arguments);
}

void die(const char *what)
{
	say("%s: %s", what, strerror(errno));
	exit(1);
}

/* A numeric word of the operation; 0 is the first after the process. */
long argument(int index)
{
	return index + 2 < shared->nr_words ? strtol(shared->words[index + 2], NULL, 0) : 0;
}

uint64_t token_of(unsigned long page)
{
	return ((uint64_t)(shared->op_index + 1) << 16) | page;
}

int write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t written = -1;
	int error;

	if (fd < 0)
		return -1;
	written = write(fd, text, strlen(text));
	error = errno;
	close(fd);
	errno = error;
	return written < 0 ? -1 : 0;
}

int write_number(const char *path, long number)
{
	char text[32];

	snprintf(text, sizeof(text), "%ld", number);
	return write_text(path, text);
}

long read_number(const char *path)
{
	char text[64] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -1;
	if (read(fd, text, sizeof(text) - 1) < 0)
		text[0] = 0;
	close(fd);
	return strtol(text, NULL, 10);
}

long milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void *window_address(unsigned long page)
{
	return (void *)(WINDOW + page * PAGE);
}

/* Moving a page switches the LRU caches of all CPUs off and so empties them. */
void drain_lru(void)
{
	static char page[2 * PAGE];
	void *address = (void *)(((uintptr_t)page + PAGE - 1) & ~(PAGE - 1));
	int node = 0, status;

	*(volatile char *)address = 1;
	syscall(SYS_move_pages, 0, 1ul, &address, &node, &status, 2);
}
