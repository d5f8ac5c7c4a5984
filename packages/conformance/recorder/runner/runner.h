/*
 * The recording program: the first process of a small virtual machine. It reads cases from one
 * block device, lets up to three worker processes perform them, and writes one record per case to
 * another block device. docs/conformance.md describes cases and records.
 *
 * The controller (main.c) and the workers (worker.c) share one page-backed structure outside the
 * window; a worker executes the operation written there, or describes its own memory there.
 */
#ifndef RUNNER_H
#define RUNNER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define PAGE 4096ul
#define WINDOW 0x100000000ul
#define MAX_PAGES 4096
#define MAX_PROCESSES 3
#define MAX_DEVICES 4
#define MAX_WORDS 12
#define MAX_VMAS 1024
#define NR_FILES 4
#define FILE_PAGES 64
#define NOTE_BYTES (16 << 10)

/* Bits of the case field `x`. */
#define SHOWS_UFFD_WP 1
#define DRAINS_LRU 2
#define HAS_FILES 4

/* Outcomes that are no errno. */
#define DEAD (-1)
#define BAD_FORK (-2)
#define HANG (-3)

struct token {
	uint64_t value;
	char kind; /* 0: a value; 't': torn; otherwise the second letter of a signal */
};

/* What an operation answered. */
struct answer {
	long result;
	int error; /* errno, or DEAD, BAD_FORK, HANG; 0 on success */
	bool has_counts;
	uint64_t cpages, faults;
	int nr_tokens, nr_bytes, nr_statuses;
	bool has_collapsed;
	long collapsed;
	char note[NOTE_BYTES]; /* JSON, or empty */
	struct token tokens[MAX_PAGES];
	uint8_t bytes[MAX_PAGES];
	int statuses[MAX_PAGES];
};

struct vma {
	unsigned long start, len;
	char permissions[5];
};

/* The visible state of one process. */
struct view {
	int nr_vmas;
	struct vma vmas[MAX_VMAS];
	char pm[MAX_PAGES], k[MAX_PAGES], h[MAX_PAGES], n[MAX_PAGES], u[MAX_PAGES];
	uint64_t identity[MAX_PAGES];
	bool open[MAX_DEVICES];
	uint8_t snapshot[MAX_DEVICES][MAX_PAGES];
};

struct shared {
	/* The case. */
	int window_pages, numa, thp, options;
	/* The operation. */
	int op_index, nr_words;
	char words[MAX_WORDS][32];
	/* The answers. */
	struct answer answer;
	struct view views[MAX_PROCESSES];
	pid_t pids[MAX_PROCESSES];
	/* Data of device commands and files. */
	uint8_t buffer[MAX_PAGES * PAGE];
};

extern struct shared *shared;

/* What one worker holds; each worker has its own copy. */
struct worker {
	int number;
	int devices[MAX_DEVICES]; /* descriptors or -1 */
	int userfault, pins;      /* descriptors or -1 */
	int files[NR_FILES];
};

extern struct worker self;

/* The machine. */
struct machine {
	uint64_t coherent[2];     /* physical addresses of coherent memory, 0 for none */
	unsigned device_write;    /* swap type of a writable device-private entry */
	bool shows_merged;        /* the page flags tell merged pages from others */
	int log;                  /* /dev/kmsg */
};

extern struct machine machine;

/* support.c */
void die(const char *what);
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
long argument(int index);
uint64_t token_of(unsigned long page);
int write_text(const char *path, const char *text);
int write_number(const char *path, long number);
long read_number(const char *path);
void *window_address(unsigned long page);
void drain_lru(void);
long milliseconds(void);

/* worker.c */
void worker_main(int number);
void start_worker(int number);
int ask_worker(int number, char request);

/* operations: each executes shared->words if it knows the name and says so */
bool memory_operation(const char *name);
bool device_operation(const char *name);
bool system_operation(const char *name);
bool userfault_operation(const char *name);
bool race_operation(const char *name);

/* device.c */
void close_devices(void);
void snapshot_devices(struct view *view);
void calibrate_entries(void);
int command_device(const char *name, int device, unsigned long start, unsigned long len);

/* memory.c */
void token_from_words(struct token *token, uint64_t first, uint64_t last);
void put_token(uint8_t *page, uint64_t token);
void fill_with_tokens(uint8_t *pages, unsigned long first, unsigned long len);
void tokens_from_buffer(unsigned long len);

/* system.c */
void prepare_system(void);
void reset_system(void);
long run_on(int cpu);

/* view.c */
bool looks_merged(int pagemap, unsigned long page);
void describe_memory(struct view *view);

/* record.c */
void begin_record(const char *id);
void add_answer(void);
void end_record(int output, bool hang);

#endif
