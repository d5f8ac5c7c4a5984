/* Writes a record: run-length texts, and of each state only what changed. */
#define _GNU_SOURCE
#include "runner.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NR_FIELDS 11
#define TEXT_BYTES (64 << 10)
#define MAX_LOG_LINES 4

enum field { V, PM, S0, C = S0 + MAX_DEVICES, K, H, N, U };

static const char *const field_names[NR_FIELDS] = { "v",  "pm", "s0", "s1", "s2", "s3",
						    "c",  "k",  "h",  "n",  "u" };

/* The last text of each field of each process; the empty text is "never shown". */
static char last[MAX_PROCESSES][NR_FIELDS][TEXT_BYTES];
static pid_t shown[MAX_PROCESSES];

static char *record;
static size_t record_bytes, record_capacity;
static int nr_answers;

__attribute__((format(printf, 1, 2))) static void add(const char *format, ...)
{
	va_list arguments;
	size_t room;

	if (record_capacity - record_bytes < 2 * TEXT_BYTES) {
		record_capacity += 1 << 20;
		record = realloc(record, record_capacity);
		if (!record)
			die("no memory");
	}
	room = record_capacity - record_bytes;
	va_start(arguments, format);
	record_bytes += vsnprintf(record + record_bytes, room, format, arguments);
	va_end(arguments);
}

/* Appends a formatted item to a text, separated by commas. */
__attribute__((format(printf, 2, 3))) static void item(char *text, const char *format, ...)
{
	size_t used = strlen(text);
	va_list arguments;

	if (used + 64 > TEXT_BYTES)
		die("a text is too long");
	if (used)
		text[used++] = ',';
	va_start(arguments, format);
	vsnprintf(text + used, TEXT_BYTES - used, format, arguments);
	va_end(arguments);
}

static void letters_text(char *text, const char *letters, int count)
{
	text[0] = 0;
	for (int i = 0, end; i < count; i = end) {
		for (end = i + 1; end < count && letters[end] == letters[i];)
			end++;
		text += sprintf(text, "%c", letters[i]);
		if (end - i > 1)
			text += sprintf(text, "%d", end - i);
	}
}

/* A signal has no value; what is there is left from an earlier operation. */
static bool same_token(const struct token *a, const struct token *b)
{
	bool has_value = !a->kind || a->kind == 't';

	return a->kind == b->kind && (!has_value || a->value == b->value);
}

/* How many values from `i` on are equal (mark '*'), or else count up by one (mark '+'). */
static int stretch(const struct token *tokens, int i, int count, char *mark)
{
	int end = i + 1;

	*mark = '*';
	while (end < count && same_token(&tokens[end], &tokens[i]))
		end++;
	if (end > i + 1 || tokens[i].kind)
		return end - i;
	*mark = '+';
	while (end < count && !tokens[end].kind && tokens[end].value == tokens[end - 1].value + 1)
		end++;
	return end - i;
}

static void tokens_text(char *text, const struct token *tokens, int count)
{
	text[0] = 0;
	for (int i = 0, length; i < count; i += length) {
		char word[32], mark;

		length = stretch(tokens, i, count, &mark);
		if (tokens[i].kind == 't')
			snprintf(word, sizeof(word), "torn%llx", (long long)tokens[i].value);
		else if (tokens[i].kind)
			snprintf(word, sizeof(word), "S%c", tokens[i].kind);
		else
			snprintf(word, sizeof(word), "%llx", (long long)tokens[i].value);
		if (length > 1)
			item(text, "%s%c%d", word, mark, length);
		else
			item(text, "%s", word);
	}
}

static void bytes_text(char *text, const uint8_t *bytes, int count)
{
	text[0] = 0;
	for (int i = 0, end; i < count; i = end) {
		for (end = i + 1; end < count && bytes[end] == bytes[i];)
			end++;
		if (end - i > 1)
			item(text, "%02x*%d", bytes[i], end - i);
		else
			item(text, "%02x", bytes[i]);
	}
}

static void statuses_text(char *text, const int *statuses, int count)
{
	text[0] = 0;
	for (int i = 0, end; i < count; i = end) {
		for (end = i + 1; end < count && statuses[end] == statuses[i];)
			end++;
		if (end - i > 1)
			item(text, "%d*%d", statuses[i], end - i);
		else
			item(text, "%d", statuses[i]);
	}
}

/* Numbers the pages of all processes in order of first appearance. */
static void number_classes(struct token classes[MAX_PROCESSES][MAX_PAGES])
{
	static struct {
		uint64_t identity, number;
	} known[4 * MAX_PROCESSES * MAX_PAGES];
	const size_t size = sizeof(known) / sizeof(*known);
	uint64_t next = 1;

	memset(known, 0, sizeof(known));
	for (int process = 0; process < MAX_PROCESSES; process++) {
		for (int page = 0; page < shared->window_pages; page++) {
			uint64_t identity = shared->views[process].identity[page];
			size_t slot = identity * 0x9e3779b97f4a7c15ull >> 40;

			classes[process][page] = (struct token){ 0 };
			if (!shared->pids[process] || !identity)
				continue;
			for (slot %= size; known[slot].identity != identity; slot = (slot + 1) % size) {
				if (!known[slot].identity) {
					known[slot].identity = identity;
					known[slot].number = next++;
				}
				if (known[slot].identity == identity)
					break;
			}
			classes[process][page].value = known[slot].number;
		}
	}
}

static void vmas_text(char *text, const struct view *view)
{
	text[0] = 0;
	for (int i = 0; i < view->nr_vmas; i++) {
		const struct vma *vma = &view->vmas[i];

		item(text, "[%lu,%lu,\"%s\"]", vma->start, vma->len, vma->permissions);
	}
}

/* The present text of a field, or false where it does not apply. */
static bool field_text(char *text, int process, int field, const struct token *classes)
{
	const struct view *view = &shared->views[process];
	int pages = shared->window_pages;
	char inner[TEXT_BYTES - 8];

	inner[0] = 0;
	if (field >= S0 && field < C) {
		if (!view->open[field - S0]) {
			strcpy(text, "null");
			return last[process][field][0] != 0;
		}
		bytes_text(text, view->snapshot[field - S0], pages);
	} else if (field == V) {
		vmas_text(text, view);
	} else if (field == PM) {
		letters_text(text, view->pm, pages);
	} else if (field == C) {
		tokens_text(text, classes, pages);
	} else if (field == N) {
		letters_text(text, view->n, pages);
	} else if (field == U) {
		letters_text(text, view->u, pages);
	} else {
		letters_text(text, field == K ? view->k : view->h, pages);
	}
	if (strlen(text) >= sizeof(inner))
		die("a text is too long");
	strcpy(inner, text);
	sprintf(text, field == V ? "[%s]" : "\"%s\"", inner);
	if (field == K || field == H)
		return shared->thp;
	if (field == N)
		return shared->numa;
	return field != U || (shared->options & SHOWS_UFFD_WP);
}

static void add_states(void)
{
	static struct token classes[MAX_PROCESSES][MAX_PAGES];
	static char text[TEXT_BYTES];
	const char *before_process = ",\"st\":{";
	bool any = false;

	number_classes(classes);
	for (int process = 0; process < MAX_PROCESSES; process++) {
		const char *before_field = "";

		if (shown[process] != shared->pids[process])
			memset(last[process], 0, sizeof(last[process]));
		shown[process] = shared->pids[process];
		for (int field = 0; shared->pids[process] && field < NR_FIELDS; field++) {
			if (!field_text(text, process, field, classes[process]) ||
			    !strcmp(text, last[process][field]))
				continue;
			strcpy(last[process][field], text);
			if (!*before_field)
				add("%s\"%d\":{", before_process, process);
			add("%s\"%s\":%s", before_field, field_names[field], text);
			before_field = ",";
			before_process = ",";
		}
		if (*before_field)
			add("}");
		any = any || *before_field;
	}
	if (any)
		add("}");
}

static const char *error_name(int error)
{
	if (error == DEAD)
		return "DEAD";
	if (error == BAD_FORK)
		return "BADFORK";
	return error == HANG ? "HANG" : strerrorname_np(error);
}

void begin_record(const char *id)
{
	record_bytes = 0;
	nr_answers = 0;
	memset(last, 0, sizeof(last));
	memset(shown, 0, sizeof(shown));
	add("{\"id\":\"%s\",\"res\":[", id);
}

/* Adds the answer of the last operation and the states after it. */
void add_answer(void)
{
	static char text[TEXT_BYTES];
	const struct answer *answer = &shared->answer;

	add("%s{", nr_answers++ ? "," : "");
	if (answer->error)
		add("\"e\":\"%s\"", error_name(answer->error));
	else
		add("\"r\":%ld", answer->result);
	if (!answer->error && answer->has_counts)
		add(",\"cp\":%llu,\"fl\":%llu", (long long)answer->cpages, (long long)answer->faults);
	if (!answer->error && answer->has_collapsed)
		add(",\"kc\":%ld", answer->collapsed);
	tokens_text(text, answer->tokens, answer->error ? 0 : answer->nr_tokens);
	if (text[0])
		add(",\"t\":\"%s\"", text);
	bytes_text(text, answer->bytes, answer->error ? 0 : answer->nr_bytes);
	if (text[0])
		add(",\"snap\":\"%s\"", text);
	statuses_text(text, answer->statuses, answer->error ? 0 : answer->nr_statuses);
	if (text[0])
		add(",\"mv\":\"%s\"", text);
	if (answer->note[0])
		add(",\"note\":%s", answer->note);
	add_states();
	add("}");
}

/* Register dumps and call traces surround what a kernel message says; they are left out. */
static bool is_detail(const char *message)
{
	static const char *const starts[] = { " ",  "---", "Modules", "CPU:",  "RIP:", "RSP:",
					      "RAX", "RDX", "RBP",   "R10",  "R13",  "FS:",
					      "CS:", "CR2", "DR0",   "DR3",  "Code", "Call Trace",
					      "Hardware", "Tainted" };

	for (size_t i = 0; i < sizeof(starts) / sizeof(*starts); i++) {
		if (!strncmp(message, starts[i], strlen(starts[i])))
			return true;
	}
	return false;
}

static void add_log(int log)
{
	char line[2048], *message;
	ssize_t bytes;
	int lines = 0;

	while ((bytes = read(log, line, sizeof(line) - 1)) > 0 || errno == EPIPE) {
		if (bytes <= 0)
			continue;
		line[bytes] = 0;
		message = strchr(line, ';');
		if (!message || (atoi(line) & 7) > 4 || is_detail(++message))
			continue;
		message[strcspn(message, "\n\"\\")] = 0;
		if (lines < MAX_LOG_LINES)
			add("%s\"%s\"", lines ? "," : ",\"klog\":[", message);
		lines++;
	}
	if (lines)
		add("]");
}

void end_record(int output, bool hang)
{
	add("]");
	add_log(machine.log);
	add(hang ? ",\"hang\":1}\n" : "}\n");
	for (size_t done = 0; done < record_bytes;) {
		ssize_t written = write(output, record + done, record_bytes - done);

		if (written <= 0)
			die("cannot write the record");
		done += written;
	}
	fdatasync(output);
}
