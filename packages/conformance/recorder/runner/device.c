/* Operations through /dev/hmm_dmirror*, and pins through the kernel's GUP test file. */
#define _GNU_SOURCE
#include "runner.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

/* The argument of every command of the driver. */
struct command {
	uint64_t address, data, nr_pages, cpages, faults;
};

enum { READ, WRITE, TO_DEVICE, TO_SYSTEM, SNAPSHOT, EXCLUSIVE, CHECK_EXCLUSIVE, RELEASE, FLAGS };

#define REQUEST(number) _IOWR('H', number, struct command)

/* Long-term pins of /sys/kernel/debug/gup_test. */
struct pin_range {
	uint64_t address, size;
	uint32_t flags;
};

#define PIN_START _IOW('g', 7, struct pin_range)
#define PIN_STOP _IO('g', 8)

static int run(int fd, int number, unsigned long start, unsigned long len, void *data,
	       struct command *command)
{
	*command = (struct command){
		.address = WINDOW + start * PAGE,
		.data = (uintptr_t)data,
		.nr_pages = len,
	};
	return ioctl(fd, REQUEST(number), command);
}

void close_devices(void)
{
	for (int device = 0; device < MAX_DEVICES; device++) {
		if (self.devices[device] >= 0)
			close(self.devices[device]);
		self.devices[device] = -1;
	}
}

void snapshot_devices(struct view *view)
{
	for (int device = 0; device < MAX_DEVICES; device++) {
		struct command command;

		view->open[device] = self.devices[device] >= 0;
		if (!view->open[device])
			continue;
		if (run(self.devices[device], SNAPSHOT, 0, shared->window_pages,
			view->snapshot[device], &command))
			memset(view->snapshot[device], 0xee, shared->window_pages);
	}
}

/*
 * Swap types are numbered differently by each configuration: look at a page on the device. Some
 * kernels flag every anonymous page as merged: look at a new one.
 */
void calibrate_entries(void)
{
	uint64_t entry = 0, *page = mmap(window_address(0), PAGE, PROT_READ | PROT_WRITE,
					 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	int fd = open("/dev/hmm_dmirror0", O_RDWR);
	int pagemap = open("/proc/self/pagemap", O_RDONLY);
	struct command command;

	if (page == MAP_FAILED || fd < 0 || pagemap < 0)
		die("cannot calibrate");
	*page = 1;
	machine.shows_merged = !looks_merged(pagemap, 0);
	if (!machine.shows_merged)
		say("this kernel does not show which pages are merged");
	if (run(fd, TO_DEVICE, 0, 1, shared->buffer, &command))
		die("cannot migrate a page to the device");
	if (pread(pagemap, &entry, sizeof(entry), WINDOW / PAGE * sizeof(entry)) < 0)
		die("cannot read the page map");
	machine.device_write = entry & 31;
	say("device-private entries have the swap type %u", machine.device_write);
	close(pagemap);
	close(fd);
	munmap(page, PAGE);
}

static long pin(unsigned long start, unsigned long len, uint32_t flags)
{
	struct pin_range range = { WINDOW + start * PAGE, len * PAGE, flags };

	if (self.pins < 0)
		self.pins = open("/sys/kernel/debug/gup_test", O_RDWR);
	return self.pins < 0 ? -1 : ioctl(self.pins, PIN_START, &range);
}

static long unpin(void)
{
	long result;

	if (self.pins < 0) {
		errno = EBADF;
		return -1;
	}
	result = ioctl(self.pins, PIN_STOP);
	close(self.pins);
	self.pins = -1;
	return result;
}

static long open_device(int device)
{
	char path[32];

	if (self.devices[device] >= 0) {
		errno = EBUSY;
		return -1;
	}
	snprintf(path, sizeof(path), "/dev/hmm_dmirror%d", device);
	self.devices[device] = open(path, O_RDWR);
	return self.devices[device] < 0 ? -1 : 0;
}

static long close_device(int device)
{
	if (self.devices[device] < 0) {
		errno = EBADF;
		return -1;
	}
	close(self.devices[device]);
	self.devices[device] = -1;
	return 0;
}

static const char *const range_names[] = {
	[READ] = "dread",	[WRITE] = "dwrite", [TO_DEVICE] = "todev",
	[TO_SYSTEM] = "tosys",	[SNAPSHOT] = "snap", [EXCLUSIVE] = "excl",
	[CHECK_EXCLUSIVE] = "chkexcl",
};

/* A command on a range, with the data of the common buffer; 0 or an errno. */
int command_device(const char *name, int device, unsigned long start, unsigned long len)
{
	struct command command;

	for (size_t i = 0; i < sizeof(range_names) / sizeof(*range_names); i++) {
		if (strcmp(name, range_names[i]))
			continue;
		return run(self.devices[device], i, start, len, shared->buffer, &command) < 0 ? errno
											     : 0;
	}
	return ENOSYS;
}

static void fill_with_constant(unsigned long len, uint64_t constant)
{
	for (unsigned long i = 0; i < len; i++)
		put_token(shared->buffer + i * PAGE, constant);
}

static long device_range(int number, bool constant)
{
	int fd = self.devices[argument(0) & 3];
	unsigned long start = argument(1), len = argument(2);
	struct answer *answer = &shared->answer;
	struct command command;

	if (constant)
		fill_with_constant(len, argument(3) ? 0xC0000000ul | argument(3) : 0);
	else if (number == WRITE)
		fill_with_tokens(shared->buffer, start, len);
	else
		memset(shared->buffer, 0, len * PAGE);
	if (run(fd, number, start, len, shared->buffer, &command) < 0)
		return -1;
	if (number == CHECK_EXCLUSIVE)
		return 0;
	answer->has_counts = true;
	answer->cpages = command.cpages;
	answer->faults = command.faults;
	if (number == READ || number == TO_DEVICE || number == EXCLUSIVE)
		tokens_from_buffer(len);
	if (number == SNAPSHOT) {
		memcpy(answer->bytes, shared->buffer, len);
		answer->nr_bytes = len;
	}
	return 0;
}

static bool ranged(const char *name, long *result)
{
	bool constant = !strcmp(name, "dwc");

	for (size_t i = 0; i < sizeof(range_names) / sizeof(*range_names); i++) {
		if (strcmp(constant ? "dwrite" : name, range_names[i]))
			continue;
		*result = device_range(i, constant);
		return true;
	}
	return false;
}

bool device_operation(const char *name)
{
	int device = argument(0) & 3;
	struct command command;
	long result = 0;

	if (ranged(name, &result))
		;
	else if (!strcmp(name, "open"))
		result = open_device(device);
	else if (!strcmp(name, "close"))
		result = close_device(device);
	else if (!strcmp(name, "flags"))
		result = run(self.devices[device], FLAGS, 0, argument(1), NULL, &command);
	else if (!strcmp(name, "reldev"))
		result = run(self.devices[device], RELEASE, 0, 1, NULL, &command);
	else if (!strcmp(name, "pin"))
		result = pin(argument(0), argument(1), argument(2));
	else if (!strcmp(name, "unpin"))
		result = unpin();
	else
		return false;
	shared->answer.result = result;
	if (result < 0)
		shared->answer.error = errno;
	return true;
}
