// SPDX-License-Identifier: Apache-2.0
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "list.h"

static int add_one(struct list *list, const char *path)
{
	char **longer = realloc(list->paths, (list->count + 1) * sizeof(*longer));

	if (!longer)
		return -1;
	list->paths = longer;
	list->paths[list->count] = strdup(path);
	return list->paths[list->count++] ? 0 : -1;
}

static int add_entry(struct list *list, const char *directory, const char *name)
{
	char *path = malloc(strlen(directory) + strlen(name) + 2);
	int error;

	if (!path)
		return -1;
	strcpy(path, directory);
	if (*path && path[strlen(path) - 1] != '/')
		strcat(path, "/");
	strcat(path, name);
	error = list_add(list, path);
	free(path);
	return error;
}

int list_add(struct list *list, const char *path)
{
	struct stat info;
	struct dirent *entry;
	DIR *directory;
	int error = 0;

	if (lstat(path, &info) != 0)
		return -1;
	if (!S_ISDIR(info.st_mode))
		return add_one(list, path);
	directory = opendir(path);
	if (!directory)
		return -1;
	while (!error && (entry = readdir(directory)))
		error = add_entry(list, path, entry->d_name);
	closedir(directory);
	return error;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void list_sort(struct list *list)
{
	qsort(list->paths, list->count, sizeof(*list->paths), by_name);
}
