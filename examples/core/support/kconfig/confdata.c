// SPDX-License-Identifier: Apache-2.0
// The files of values: .config in and out, and what the build includes: auto.conf, the
// header, and one file per symbol that is touched when that symbol's value changes.
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kconfig.h"

static const char prefix[] = "CONFIG_";

static void warn(const char *path, int line, const char *what, const char *name)
{
	fprintf(stderr, "%s:%d:warning: %s %s\n", path, line, what, name);
	warnings++;
}

// The text between quotes, with its escapes resolved; NULL when it is not quoted.
static char *unquote(const char *text)
{
	char *out = allocate(strlen(text) + 1), *to = out;

	if (*text++ != '"')
		return NULL;
	for (; *text && *text != '"'; text++) {
		if (*text == '\\' && text[1])
			text++;
		*to++ = *text;
	}
	return *text == '"' && !text[1] ? out : NULL;
}

static char *quote(const char *text)
{
	char *out = allocate(2 * strlen(text) + 3), *to = out;

	*to++ = '"';
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			*to++ = '\\';
		*to++ = *text;
	}
	*to = '"';
	return out;
}

static void set_user(struct symbol *sym, char *value)
{
	struct symbol *choice = sym->in_choice;

	sym->user = value;
	if (choice && *value == 'y')
		choice->user_choice = sym;
	else if (choice && choice->user_choice == sym)
		choice->user_choice = NULL;
}

static void read_value(const char *path, int line, char *name, char *text)
{
	struct symbol *sym = symbol_find(name);
	char *value = text;

	if (!sym || !sym->defined) {
		warn(path, line, "unknown symbol:", name);
		return;
	}
	if (sym->type == T_STRING)
		value = unquote(text);
	if (!value || !symbol_accepts(sym, value)) {
		warn(path, line, format("symbol value '%s' invalid for", text), name);
		return;
	}
	if (sym->user)
		warn(path, line, "override: reassigning to symbol", name);
	set_user(sym, value);
}

void conf_read(const char *path)
{
	char *text = read_file(path), *line, *equals, *end;
	static const char unset[] = " is not set";
	int number = 0;

	if (!text) {
		fprintf(stderr, "error: cannot read \"%s\": %s\n", path, strerror(errno));
		exit(1);
	}
	while ((line = strsep(&text, "\n"))) {
		number++;
		line[strcspn(line, "\r")] = '\0';
		equals = strchr(line, '=');
		if (!strncmp(line, "# CONFIG_", 9) && (end = strstr(line, unset)) && !end[sizeof(unset) - 1]) {
			*end = '\0';
			read_value(path, number, line + 9, format("n"));
		} else if (!strncmp(line, prefix, sizeof(prefix) - 1) && equals) {
			*equals = '\0';
			read_value(path, number, line + sizeof(prefix) - 1, equals + 1);
		} else if (*line && *line != '#') {
			warn(path, number, "unexpected data:", line);
		}
	}
}

// As it stands after `CONFIG_X=`.
static char *text_of(const struct symbol *sym)
{
	return sym->type == T_STRING ? quote(sym->value) : sym->value;
}

static bool is_written(struct symbol *sym)
{
	if (!sym->name || sym->constant || !sym->defined || sym->env)
		return false;
	symbol_calc(sym);
	return sym->write;
}

static bool is_off(const struct symbol *sym)
{
	return (sym->type == T_BOOL || sym->type == T_TRISTATE) && sym->tri == NO;
}

static bool gap;  // An empty line is due before the next entry.

static void write_entries(struct menu *m, FILE *out)
{
	for (; m; m = m->next) {
		struct symbol *sym = m->symbol;
		bool titled = (m->kind == M_MENU || m->kind == M_COMMENT) && expr_value(m->depends) != NO;

		if (titled && m->kind == M_MENU)
			titled = expr_value(m->visible_if) != NO;
		if (titled) {
			fprintf(out, "\n#\n# %s\n#\n", m->text);
			gap = false;
		}
		if (sym && !sym->choice && !sym->written && is_written(sym)) {
			sym->written = true;
			fputs(gap ? "\n" : "", out);
			gap = false;
			if (is_off(sym))
				fprintf(out, "# %s%s is not set\n", prefix, sym->name);
			else
				fprintf(out, "%s%s=%s\n", prefix, sym->name, text_of(sym));
		}
		write_entries(m->children, out);
		if (titled && m->kind == M_MENU) {
			fprintf(out, "# end of %s\n", m->text);
			gap = true;
		}
	}
}

static FILE *create(const char *path)
{
	FILE *out;

	// A file that has other names (a cache's, say) keeps its old bytes under those.
	unlink(path);
	out = make_parents(path) ? fopen(path, "w") : NULL;
	if (out)
		return out;
	fprintf(stderr, "error: cannot write \"%s\": %s\n", path, strerror(errno));
	exit(1);
}

static void finish(FILE *out, const char *path)
{
	if (fclose(out) == 0)
		return;
	fprintf(stderr, "error: cannot write \"%s\": %s\n", path, strerror(errno));
	exit(1);
}

void conf_write(const char *path, bool quiet)
{
	char *text = NULL, *old = read_file(path);
	size_t size;
	FILE *out = open_memstream(&text, &size);

	fprintf(out, "#\n# Automatically generated file; DO NOT EDIT.\n# %s\n#\n", root.text ? root.text : "");
	write_entries(root.children, out);
	fclose(out);
	if (old && !strcmp(old, text)) {
		if (!quiet)
			printf("#\n# No change to %s\n#\n", path);
		return;
	}
	out = create(path);
	fputs(text, out);
	finish(out, path);
	if (!quiet)
		printf("#\n# configuration written to %s\n#\n", path);
}

// Only what differs from the defaults.
void conf_save_minimal(const char *path)
{
	FILE *out = create(path);

	for (struct symbol *sym = symbols; sym; sym = sym->next) {
		if (!is_written(sym) || symbol_is_default(sym))
			continue;
		if (is_off(sym))
			fprintf(out, "# %s%s is not set\n", prefix, sym->name);
		else
			fprintf(out, "%s%s=%s\n", prefix, sym->name, text_of(sym));
	}
	finish(out, path);
}

static void write_define(FILE *out, const struct symbol *sym)
{
	const char *text = sym->value;

	if (sym->type == T_BOOL || sym->type == T_TRISTATE)
		text = "1";
	else if (sym->type == T_STRING)
		text = quote(text);
	else if (sym->type == T_HEX && text[1] != 'x' && text[1] != 'X')
		text = format("0x%s", text);
	fprintf(out, "#define %s%s %s\n", prefix, sym->name, text);
}

// LIBFOO_BAR → <dir>/libfoo/bar.h
static char *symbol_path(const char *dir, const char *name)
{
	char *path = format("%s/%s.h", dir, name);

	for (char *p = path + strlen(dir) + 1; *p; p++)
		*p = *p == '_' ? '/' : (char)tolower((unsigned char)*p);
	return path;
}

static void touch(const char *path)
{
	int fd = make_parents(path) ? open(path, O_WRONLY | O_CREAT, 0666) : -1;

	if (fd < 0 || futimens(fd, NULL) != 0) {
		fprintf(stderr, "error: cannot touch \"%s\": %s\n", path, strerror(errno));
		exit(1);
	}
	close(fd);
}

// Touches the file of every symbol whose value is not the one in `old`, an auto.conf. A file
// that is missing is made even for a symbol that is off: make can only depend on what exists.
static void touch_changed(const char *dir, char *old)
{
	char *line, *equals;

	for (struct symbol *sym = symbols; sym; sym = sym->next)
		sym->user = NULL;  // From here on: the old value.
	while (old && (line = strsep(&old, "\n"))) {
		struct symbol *sym;

		equals = strchr(line, '=');
		if (strncmp(line, prefix, sizeof(prefix) - 1) || !equals)
			continue;
		*equals = '\0';
		sym = symbol_find(line + sizeof(prefix) - 1);
		if (sym && sym->defined)
			sym->user = equals + 1;
		else
			touch(symbol_path(dir, line + sizeof(prefix) - 1));
	}
	for (struct symbol *sym = symbols; sym; sym = sym->next) {
		char *path, *now;
		struct stat st;

		if (!sym->name || sym->constant || !sym->defined || sym->env)
			continue;
		now = is_written(sym) && !is_off(sym) ? text_of(sym) : NULL;
		path = symbol_path(dir, sym->name);
		if (stat(path, &st) != 0 || !now != !sym->user || (now && strcmp(now, sym->user)))
			touch(path);
	}
}

void conf_sync(const char *autoconf, const char *header, const char *dep_dir)
{
	char *old = read_file(autoconf);
	char *deps = format("%s/auto.conf.cmd", dep_dir);
	FILE *conf, *head, *cmd;

	touch_changed(dep_dir, old);
	cmd = create(deps);
	fprintf(cmd, "KCONFIG_SOURCES := \\\n");
	for (size_t i = 0; i < nsources; i++)
		fprintf(cmd, "\t%s \\\n", sources[i]);
	fprintf(cmd, "\n%s: $(KCONFIG_SOURCES)\n\n$(KCONFIG_SOURCES): ;\n", header);
	finish(cmd, deps);

	conf = create(autoconf);
	head = create(header);
	fprintf(conf, "#\n# Automatically generated file; DO NOT EDIT.\n# %s\n#\n", root.text ? root.text : "");
	fprintf(head, "/*\n * Automatically generated file; DO NOT EDIT.\n * %s\n */\n", root.text ? root.text : "");
	for (struct symbol *sym = symbols; sym; sym = sym->next) {
		if (!is_written(sym) || is_off(sym))
			continue;
		fprintf(conf, "%s%s=%s\n", prefix, sym->name, text_of(sym));
		write_define(head, sym);
	}
	finish(conf, autoconf);
	finish(head, header);  // Last: make takes its time as that of the whole step.
}
