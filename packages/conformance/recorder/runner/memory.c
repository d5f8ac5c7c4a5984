/* Operations on the worker's own memory and on files. */
#define _GNU_SOURCE
#include "runner.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CONSTANT 0xC0000000ul

static sigjmp_buf access_failed;

static void on_access_signal(int number, siginfo_t *info, void *context)
{
	(void)context;
	if (number == SIGBUS)
		siglongjmp(access_failed, 'B');
	if (number == SIGSEGV && info->si_code == SEGV_MAPERR)
		siglongjmp(access_failed, 'M');
	siglongjmp(access_failed, number == SIGSEGV && info->si_code == SEGV_ACCERR ? 'A' : 'O');
}

static void catch_access_signals(void)
{
	struct sigaction action = { .sa_sigaction = on_access_signal, .sa_flags = SA_SIGINFO };

	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGBUS, &action, NULL);
}

void token_from_words(struct token *token, uint64_t first, uint64_t last)
{
	token->value = first;
	token->kind = first == last ? 0 : 't';
}

/* Puts a token into the first and last word of a page; the rest becomes zero. */
void put_token(uint8_t *page, uint64_t token)
{
	memset(page, 0, PAGE);
	memcpy(page, &token, sizeof(token));
	memcpy(page + PAGE - sizeof(token), &token, sizeof(token));
}

/* Fills the pages of a buffer with the operation's tokens. */
void fill_with_tokens(uint8_t *pages, unsigned long first, unsigned long len)
{
	for (unsigned long i = 0; i < len; i++)
		put_token(pages + i * PAGE, token_of(first + i));
}

void tokens_from_buffer(unsigned long len)
{
	for (unsigned long i = 0; i < len; i++) {
		uint64_t first, last;

		memcpy(&first, shared->buffer + i * PAGE, sizeof(first));
		memcpy(&last, shared->buffer + (i + 1) * PAGE - sizeof(last), sizeof(last));
		token_from_words(&shared->answer.tokens[i], first, last);
	}
	shared->answer.nr_tokens = len;
}

/* Reads or writes page by page and goes on after signals. */
static void access_pages(char kind, unsigned long start, unsigned long len, uint64_t constant)
{
	catch_access_signals();
	for (volatile unsigned long i = 0; i < len; i++) {
		volatile uint64_t *words = window_address(start + i);
		volatile uint64_t *last = words + PAGE / sizeof(*words) - 1;
		struct token *token = &shared->answer.tokens[i];
		int failed = sigsetjmp(access_failed, 1);

		if (failed) {
			token->kind = failed;
			continue;
		}
		if (kind == 'r') {
			uint64_t value = *words;

			token_from_words(token, value, *last);
		} else {
			uint64_t value = kind == 'w' ? token_of(start + i) : constant;

			*words = value;
			*last = value;
			token_from_words(token, value, value);
		}
	}
	shared->answer.nr_tokens = len;
}

static int protection(const char *word)
{
	if (!strcmp(word, "n"))
		return PROT_NONE;
	if (!strcmp(word, "w"))
		return PROT_WRITE;
	return !strcmp(word, "rw") ? PROT_READ | PROT_WRITE : PROT_READ;
}

static const struct {
	const char *name;
	int advice;
} advices[] = {
	{ "normal", 0 },       { "random", 1 },     { "dontneed", 4 },    { "free", 8 },
	{ "remove", 9 },       { "dontfork", 10 },  { "dofork", 11 },     { "mergeable", 12 },
	{ "unmergeable", 13 }, { "hugepage", 14 },  { "nohugepage", 15 }, { "wipeonfork", 18 },
	{ "keeponfork", 19 },  { "cold", 20 },      { "pageout", 21 },    { "popread", 22 },
	{ "popwrite", 23 },    { "dontneedlocked", 24 }, { "collapse", 25 }, { "guard", 102 },
	{ "unguard", 103 },
};

static long advise(void *address, size_t size, const char *name)
{
	for (size_t i = 0; i < sizeof(advices) / sizeof(*advices); i++) {
		if (!strcmp(advices[i].name, name))
			return madvise(address, size, advices[i].advice);
	}
	errno = ENOSYS;
	return -1;
}

static long map(void *address, size_t size, int file_words)
{
	const char *share = shared->words[5];
	int kind = share[0] == 's' ? MAP_SHARED : MAP_PRIVATE;
	int fd = -1;
	off_t offset = 0;

	if (share[0] == 'h')
		kind |= MAP_HUGETLB;
	if (file_words) {
		fd = self.files[argument(4) & 3];
		offset = argument(5) * PAGE;
	} else {
		kind |= MAP_ANONYMOUS;
	}
	address = mmap(address, size, protection(shared->words[4]), kind | MAP_FIXED, fd, offset);
	return address == MAP_FAILED ? -1 : 0;
}

static long remap(void)
{
	int flags = MREMAP_MAYMOVE | MREMAP_FIXED | (argument(4) ? 4 /* MREMAP_DONTUNMAP */ : 0);
	void *moved = mremap(window_address(argument(0)), argument(1) * PAGE, argument(2) * PAGE,
			     flags, window_address(argument(3)));

	return moved == MAP_FAILED ? -1 : 0;
}

static long write_file(int fd, unsigned long page, unsigned long len)
{
	fill_with_tokens(shared->buffer, page, len);
	if (pwrite(fd, shared->buffer, len * PAGE, page * PAGE) != (ssize_t)(len * PAGE))
		return -1;
	tokens_from_buffer(len);
	return 0;
}

static long read_file(int fd, unsigned long page, unsigned long len)
{
	ssize_t got = pread(fd, shared->buffer, len * PAGE, page * PAGE);

	if (got < 0)
		return -1;
	tokens_from_buffer(len);
	for (unsigned long i = got / PAGE; i < len; i++)
		shared->answer.tokens[i].kind = 'B';
	return 0;
}

static bool file_operation(const char *name, long *result)
{
	int fd = self.files[argument(0) & 3];

	if (!strcmp(name, "fwr"))
		*result = write_file(fd, argument(1), argument(2));
	else if (!strcmp(name, "frd"))
		*result = read_file(fd, argument(1), argument(2));
	else if (!strcmp(name, "ftrunc"))
		*result = ftruncate(fd, argument(1) * PAGE);
	else if (!strcmp(name, "fpunch"))
		*result = fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
				    argument(1) * PAGE, argument(2) * PAGE);
	else
		return false;
	return true;
}

static bool range_operation(const char *name, long *result)
{
	unsigned long start = argument(0), len = argument(1);
	void *address = window_address(start);
	size_t size = len * PAGE;

	if (!strcmp(name, "mmap") || !strcmp(name, "fmap"))
		*result = map(address, size, name[0] == 'f');
	else if (!strcmp(name, "munmap"))
		*result = munmap(address, size);
	else if (!strcmp(name, "mprotect"))
		*result = mprotect(address, size, protection(shared->words[4]));
	else if (!strcmp(name, "mremap"))
		*result = remap();
	else if (!strcmp(name, "madvise"))
		*result = advise(address, size, shared->words[4]);
	else if (!strcmp(name, "mlock"))
		*result = mlock(address, size);
	else if (!strcmp(name, "munlock"))
		*result = munlock(address, size);
	else if (!strcmp(name, "rd") || !strcmp(name, "wr"))
		access_pages(name[0], start, len, 0);
	else if (!strcmp(name, "wc"))
		access_pages('c', start, len, argument(2) ? CONSTANT | argument(2) : 0);
	else
		return false;
	return true;
}

bool memory_operation(const char *name)
{
	long result = 0;

	if (!range_operation(name, &result) && !file_operation(name, &result))
		return false;
	shared->answer.result = result;
	if (result < 0)
		shared->answer.error = errno;
	return true;
}
