/* Operations through a userfaultfd. Constants newer than some C libraries are spelled out. */
#define _GNU_SOURCE
#include "runner.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

struct range {
	uint64_t start, len;
};

struct api {
	uint64_t api, features, ioctls;
};

struct registration {
	struct range range;
	uint64_t mode, ioctls;
};

struct protection {
	struct range range;
	uint64_t mode;
};

/* Copies and moves share a layout; so do zero pages and poison. */
struct transfer {
	uint64_t target, source, len, mode;
	int64_t done;
};

struct fill {
	struct range range;
	uint64_t mode;
	int64_t done;
};

#define API _IOWR(0xAA, 0x3F, struct api)
#define REGISTER _IOWR(0xAA, 0x00, struct registration)
#define UNREGISTER _IOR(0xAA, 0x01, struct range)
#define COPY _IOWR(0xAA, 0x03, struct transfer)
#define ZEROPAGE _IOWR(0xAA, 0x04, struct fill)
#define MOVE _IOWR(0xAA, 0x05, struct transfer)
#define WRITEPROTECT _IOWR(0xAA, 0x06, struct protection)
#define POISON _IOWR(0xAA, 0x08, struct fill)

#define FEATURES ((1ull << 5) | (1ull << 12) | (1ull << 13) | (1ull << 14) | (1ull << 16))
#define FEATURE_SIGBUS (1ull << 7)
#define FEATURE_WP_ASYNC (1ull << 15)
#define COPY_MODE_WP 2

static struct range range_of(int first)
{
	return (struct range){ WINDOW + argument(first) * PAGE, argument(first + 1) * PAGE };
}

static long open_userfault(bool asynchronous)
{
	struct api api = {
		.api = 0xAA,
		.features = FEATURES | (asynchronous ? FEATURE_WP_ASYNC : FEATURE_SIGBUS),
	};

	self.userfault = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	if (self.userfault < 0)
		return -1;
	return ioctl(self.userfault, API, &api);
}

static long register_range(void)
{
	struct registration registration = { .range = range_of(0), .mode = argument(2) };

	if (self.userfault < 0 && open_userfault(argument(3)) < 0)
		return -1;
	return ioctl(self.userfault, REGISTER, &registration);
}

static long transfer(unsigned long request, uint64_t source, uint64_t mode)
{
	struct range target = range_of(0);
	struct transfer transfer = { target.start, source, target.len, mode, 0 };

	if (ioctl(self.userfault, request, &transfer) < 0)
		return -1;
	return transfer.done / (int64_t)PAGE;
}

static long fill(unsigned long request)
{
	struct fill fill = { .range = range_of(0) };

	if (ioctl(self.userfault, request, &fill) < 0)
		return -1;
	return fill.done / (int64_t)PAGE;
}

static long copy(void)
{
	fill_with_tokens(shared->buffer, argument(0), argument(1));
	return transfer(COPY, (uintptr_t)shared->buffer, argument(2) ? COPY_MODE_WP : 0);
}

static long close_userfault(void)
{
	long result = close(self.userfault);

	self.userfault = -1;
	return result;
}

bool userfault_operation(const char *name)
{
	struct range range = range_of(0);
	struct protection protection = { range, argument(2) ? 1 : 0 };
	long result;

	if (!strcmp(name, "uffd"))
		result = register_range();
	else if (!strcmp(name, "uffdun"))
		result = ioctl(self.userfault, UNREGISTER, &range);
	else if (!strcmp(name, "uffdwp"))
		result = ioctl(self.userfault, WRITEPROTECT, &protection);
	else if (!strcmp(name, "uffdcopy"))
		result = copy();
	else if (!strcmp(name, "uffdzero"))
		result = fill(ZEROPAGE);
	else if (!strcmp(name, "uffdpoison"))
		result = fill(POISON);
	else if (!strcmp(name, "uffdmove"))
		result = transfer(MOVE, WINDOW + argument(2) * PAGE, argument(3));
	else if (!strcmp(name, "uffdclose"))
		result = close_userfault();
	else
		return false;
	shared->answer.result = result;
	if (result < 0)
		shared->answer.error = errno;
	return true;
}
