// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "environ_set.h"

static char *none[1];
char **environ = none;
static size_t count;

// The slot of the variable whose name is the first `length` characters of `name`; else NULL.
static char **slot_of(const char *name, size_t length)
{
	for (size_t i = 0; i < count; i++)
		if (!strncmp(environ[i], name, length) && environ[i][length] == '=')
			return &environ[i];
	return NULL;
}

static int add(char *assignment)
{
	char **longer = malloc((count + 2) * sizeof(*longer));

	if (!longer)
		return -ENOMEM;
	memcpy(longer, environ, count * sizeof(*longer));
	longer[count++] = assignment;
	longer[count] = NULL;
	if (environ != none)
		free(environ);
	environ = longer;
	return 0;
}

int environ_set(const char *assignment, int overwrite)
{
	const char *equals = strchr(assignment, '=');
	char **slot, *copy;

	if (!equals || equals == assignment)
		return -EINVAL;
	slot = slot_of(assignment, (size_t)(equals - assignment));
	if (slot && !overwrite)
		return 0;
	copy = strdup(assignment);
	if (!copy)
		return -ENOMEM;
	if (!slot)
		return add(copy);
	// Not freed: someone may hold what getenv gave.
	*slot = copy;
	return 0;
}

char *getenv(const char *name)
{
	size_t length = strlen(name);
	char **slot = slot_of(name, length);

	return slot ? *slot + length + 1 : NULL;
}

int setenv(const char *name, const char *value, int overwrite)
{
	size_t length = strlen(name);
	char *assignment;
	int error;

	if (!length || strchr(name, '=')) {
		errno = EINVAL;
		return -1;
	}
	assignment = malloc(length + strlen(value) + 2);
	if (!assignment)
		return -1;
	strcpy(assignment, name);
	assignment[length] = '=';
	strcpy(assignment + length + 1, value);
	error = environ_set(assignment, overwrite);
	free(assignment);
	if (error)
		errno = -error;
	return error ? -1 : 0;
}

int unsetenv(const char *name)
{
	char **slot = slot_of(name, strlen(name));

	if (slot) {
		*slot = environ[--count];
		environ[count] = NULL;
	}
	return 0;
}
