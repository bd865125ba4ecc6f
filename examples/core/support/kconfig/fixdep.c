// SPDX-License-Identifier: Apache-2.0
// fixdep DEPFILE TARGET COMMAND: what a compiler's depfile says, with the dependency on the
// configuration header replaced by one on the file of each symbol that the sources name.
// So an object is rebuilt when an option that it mentions changes, and for no other.
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char header[] = "include/uk/bits/config.h";

static char **seen;
static size_t nseen;
static bool needs_header;  // a symbol's name is pasted together: any option may be meant

static void *check(void *memory)
{
	if (memory)
		return memory;
	fputs("fixdep: out of memory\n", stderr);
	exit(1);
}

static char *read_file(const char *path)
{
	FILE *in = fopen(path, "r");
	size_t size = 0, got;
	char *text = NULL;

	if (!in)
		return NULL;
	do {
		text = check(realloc(text, size + 65536 + 1));
		got = fread(text + size, 1, 65536, in);
		size += got;
	} while (got);
	text[size] = '\0';
	fclose(in);
	return text;
}

// Prints CONFIG_LIBFOO_BAR as include/config/libfoo/bar.h, once.
static void use_symbol(const char *name, size_t length)
{
	for (size_t i = 0; i < nseen; i++)
		if (strlen(seen[i]) == length && !strncmp(seen[i], name, length))
			return;
	seen = check(realloc(seen, (nseen + 1) * sizeof(*seen)));
	seen[nseen++] = check(strndup(name, length));

	// Nothing may define the symbol yet: then any new configuration might.
	fputs("    $(or $(wildcard include/config/", stdout);
	for (size_t i = 0; i < length; i++)
		putchar(name[i] == '_' ? '/' : tolower((unsigned char)name[i]));
	printf(".h),$(KCONFIG_AUTOHEADER)) \\\n");
}

static void scan(const char *text)
{
	for (const char *p = text; (p = strstr(p, "CONFIG_"));) {
		const char *name = p + strlen("CONFIG_"), *end = name, *after;
		bool whole = p == text || !(isalnum((unsigned char)p[-1]) || p[-1] == '_');

		while (isalnum((unsigned char)*end) || *end == '_')
			end++;
		after = end + strspn(end, " \t");
		if (whole && !strncmp(after, "##", 2))
			needs_header = true;
		else if (whole && end > name)
			use_symbol(name, (size_t)(end - name));
		p = end;
	}
}

static bool is_header(const char *path)
{
	size_t length = strlen(path), tail = sizeof(header) - 1;

	return length >= tail && !strcmp(path + length - tail, header);
}

// Takes the next word of a depfile; `\ ` is a space within one, `\` and a newline a gap.
static char *next_word(char **at)
{
	char *from = *at, *start, *to;

	while (isspace((unsigned char)*from) || (*from == '\\' && from[1] == '\n'))
		from++;
	if (!*from)
		return NULL;
	start = to = from;
	while (*from && !isspace((unsigned char)*from) && !(*from == '\\' && from[1] == '\n')) {
		if (*from == '\\' && (from[1] == ' ' || from[1] == '#'))
			from++;
		*to++ = *from++;
	}
	*at = *from ? from + 1 : from;
	*to = '\0';
	return start;
}

int main(int argc, char **argv)
{
	char *text = argc == 4 ? read_file(argv[1]) : NULL, *at = text, *word;

	if (!text) {
		fputs(argc == 4 ? "fixdep: cannot read the depfile\n" : "usage: fixdep DEPFILE TARGET COMMAND\n", stderr);
		return 1;
	}
	printf("cmd_%s := %s\n\ndeps_%s := \\\n", argv[2], argv[3], argv[2]);
	at = strchr(text, ':');
	at = at ? at + 1 : text;
	while ((word = next_word(&at))) {
		char *source = is_header(word) ? NULL : read_file(word);

		if (is_header(word))
			continue;
		printf("    %s \\\n", word);
		if (source)
			scan(source);
		free(source);
	}
	if (needs_header)
		printf("    $(KCONFIG_AUTOHEADER) \\\n");
	// The second rule: a header that is gone means rebuild, not stop.
	printf("\n%s: $(deps_%s)\n\n$(filter-out $(KCONFIG_AUTOHEADER),$(deps_%s)):\n", argv[2], argv[2], argv[2]);
	return 0;
}
