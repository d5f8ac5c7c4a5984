/* Describes the worker's window as the kernel shows it to user space. */
#define _GNU_SOURCE
#include "runner.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Bits of /proc/self/pagemap. */
#define PRESENT (1ull << 63)
#define SWAPPED (1ull << 62)
#define NOT_ANONYMOUS (1ull << 61)
#define UFFD_WP (1ull << 57)
#define MAPPED_ONCE (1ull << 56)
#define FRAME ((1ull << 55) - 1)

/* Bits of /proc/kpageflags. */
#define COMPOUND_HEAD (1ull << 15)
#define COMPOUND_TAIL (1ull << 16)
#define IS_KSM (1ull << 21)
#define IS_THP (1ull << 22)
#define IS_ZERO_PAGE (1ull << 24)

#define MARKER_TYPE 31
#define COHERENT_BYTES (256ull << 20)
#define REAL_SWAP (1ull << 62)

/* PAGEMAP_SCAN, newer than some C libraries. */
struct scan {
	uint64_t size, flags, start, end, walk_end, regions, nr_regions, max_pages;
	uint64_t inverted, mask, any_of, returned;
};

struct region {
	uint64_t start, end, categories;
};

#define SCAN _IOWR('f', 16, struct scan)
#define SCAN_HUGE (1ull << 6)

static uint64_t entries[MAX_PAGES];

static void list_vmas(struct view *view)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	unsigned long start, end, last = WINDOW + shared->window_pages * PAGE;
	char line[512], permissions[5];

	view->nr_vmas = 0;
	while (maps && fgets(line, sizeof(line), maps)) {
		struct vma *vma = &view->vmas[view->nr_vmas];

		if (sscanf(line, "%lx-%lx %4s", &start, &end, permissions) != 3)
			continue;
		if (start < WINDOW || start >= last || view->nr_vmas == MAX_VMAS)
			continue;
		vma->start = (start - WINDOW) / PAGE;
		vma->len = (end - start) / PAGE;
		memcpy(vma->permissions, permissions, sizeof(permissions));
		view->nr_vmas++;
	}
	if (maps)
		fclose(maps);
}

static bool is_coherent(uint64_t frame)
{
	for (int i = 0; i < 2; i++) {
		uint64_t first = machine.coherent[i] / PAGE;

		if (first && frame >= first && frame < first + COHERENT_BYTES / PAGE)
			return true;
	}
	return false;
}

/* Whether a page's flags say that ksmd merged it. */
bool looks_merged(int pagemap, unsigned long page)
{
	int kpageflags = open("/proc/kpageflags", O_RDONLY | O_CLOEXEC);
	uint64_t entry = 0, flags = 0;

	if (pread(pagemap, &entry, sizeof(entry), (WINDOW / PAGE + page) * sizeof(entry)) > 0 &&
	    pread(kpageflags, &flags, sizeof(flags), (entry & FRAME) * sizeof(flags)) < 0)
		flags = 0;
	close(kpageflags);
	return flags & IS_KSM;
}

static char present_letter(uint64_t entry, uint64_t flags)
{
	bool once = entry & MAPPED_ONCE;

	if (flags & IS_ZERO_PAGE)
		return flags & IS_THP ? 'Z' : 'z';
	if (is_coherent(entry & FRAME))
		return once ? 'C' : 'c';
	if (machine.shows_merged && flags & IS_KSM)
		return once ? 'Y' : 'y';
	if (entry & NOT_ANONYMOUS)
		return once ? 'F' : 'f';
	return once ? 'P' : 'p';
}

/* Types after the swap files: three of migration, device write, device read, exclusive, marker. */
static char absent_letter(unsigned type)
{
	if (type == MARKER_TYPE)
		return 'K';
	if (type > machine.device_write + 1)
		return 'X';
	if (type == machine.device_write + 1)
		return 'R';
	if (type == machine.device_write)
		return 'W';
	return type + 3 >= machine.device_write ? 'M' : 'S';
}

static void describe_page(struct view *view, int page, int kpageflags)
{
	uint64_t entry = entries[page], flags = 0;

	view->pm[page] = '.';
	view->k[page] = '.';
	view->identity[page] = 0;
	view->u[page] = entry & UFFD_WP ? 'w' : '.';
	if (entry & PRESENT) {
		uint64_t frame = entry & FRAME;

		if (pread(kpageflags, &flags, sizeof(flags), frame * sizeof(flags)) < 0)
			flags = 0;
		view->pm[page] = present_letter(entry, flags);
		if (!(flags & IS_ZERO_PAGE))
			view->identity[page] = frame;
		if (flags & COMPOUND_HEAD)
			view->k[page] = 'H';
		else if (flags & COMPOUND_TAIL)
			view->k[page] = 'T';
	} else if (entry & SWAPPED) {
		unsigned type = entry & 31;
		uint64_t offset = (entry & FRAME) >> 5;

		view->pm[page] = absent_letter(type);
		if (view->pm[page] == 'S')
			view->identity[page] = REAL_SWAP | (entry & FRAME);
		else if (view->pm[page] != 'K')
			view->identity[page] = offset;
	}
}

static void find_huge_leaves(struct view *view, int pagemap)
{
	static struct region regions[MAX_PAGES];
	struct scan scan = {
		.size = sizeof(scan),
		.start = WINDOW,
		.end = WINDOW + shared->window_pages * PAGE,
		.regions = (uintptr_t)regions,
		.nr_regions = MAX_PAGES,
		.mask = SCAN_HUGE,
		.returned = SCAN_HUGE,
	};
	int found = ioctl(pagemap, SCAN, &scan);

	memset(view->h, '.', shared->window_pages);
	for (int i = 0; i < found; i++) {
		for (uint64_t at = regions[i].start; at < regions[i].end; at += PAGE)
			view->h[(at - WINDOW) / PAGE] = 'H';
	}
}

static void find_nodes(struct view *view)
{
	static void *pages[MAX_PAGES];
	static int statuses[MAX_PAGES];
	unsigned long len = shared->window_pages;

	for (unsigned long page = 0; page < len; page++)
		pages[page] = window_address(page);
	syscall(SYS_move_pages, 0, len, pages, NULL, statuses, 0);
	for (unsigned long page = 0; page < len; page++) {
		view->n[page] = '.';
		if (entries[page] & PRESENT)
			view->n[page] = statuses[page] < 0 ? '-' : "ab"[statuses[page] & 1];
	}
}

void describe_memory(struct view *view)
{
	int pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	int kpageflags = open("/proc/kpageflags", O_RDONLY | O_CLOEXEC);
	size_t size = shared->window_pages * sizeof(*entries);

	list_vmas(view);
	if (pread(pagemap, entries, size, WINDOW / PAGE * sizeof(*entries)) != (ssize_t)size)
		memset(entries, 0, size);
	for (int page = 0; page < shared->window_pages; page++)
		describe_page(view, page, kpageflags);
	if (shared->thp)
		find_huge_leaves(view, pagemap);
	if (shared->numa)
		find_nodes(view);
	snapshot_devices(view);
	close(kpageflags);
	close(pagemap);
}
