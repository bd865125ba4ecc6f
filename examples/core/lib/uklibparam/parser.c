// SPDX-License-Identifier: Apache-2.0
#include <stdbool.h>
#include <string.h>

#include <uk/libparam.h>
#include <uk/print.h>

#include "registry.h"

// Where the list that is open, if one is, puts its values.
struct list {
	const char *name;
	size_t length;
};

// One word between `[` and `]`, either of which may stand by itself or touch a value.
static void list_word(struct list *list, char *word)
{
	size_t length = strlen(word);
	bool ends = length > 0 && word[length - 1] == ']';

	if (ends)
		word[length - 1] = '\0';
	if (*word)
		param_set(list->name, list->length, word);
	if (ends)
		list->name = NULL;
}

static void word(struct list *list, char *word)
{
	char *equals = strchr(word, '='), *dot = strchr(word, '.');

	if (list->name) {
		list_word(list, word);
		return;
	}
	// Other kernels' parameters have no dot: loaders add such words.
	if (!equals || !dot || dot > equals) {
		uk_pr_debug("passed over: %s\n", word);
		return;
	}
	if (equals[1] != '[') {
		param_set(word, (size_t)(equals - word), equals + 1);
		return;
	}
	list->name = word;
	list->length = (size_t)(equals - word);
	list_word(list, equals + 2);
}

int uk_libparam_parse(int argc, char *argv[])
{
	struct list list = {NULL, 0};
	int stop = 0;

	while (stop < argc && strcmp(argv[stop], "--"))
		stop++;
	if (stop == argc)
		return 0;
	for (int i = 0; i < stop; i++)
		word(&list, argv[i]);
	if (list.name)
		uk_pr_warn("the list of %.*s does not end\n", (int)list.length, list.name);
	return stop + 1;
}
