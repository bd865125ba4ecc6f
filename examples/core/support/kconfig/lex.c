// SPDX-License-Identifier: Apache-2.0
// Config.uk text to tokens, one line at a time, with $(macros) expanded.
#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "kconfig.h"

struct macro {
	char *name, *value;
	bool lazy;
	struct macro *next;
};
static struct macro *macros;

void fail_at(const struct lexer *lx, const char *fmt, ...)
{
	va_list args;

	fprintf(stderr, "%s:%d: error: ", lx->path, lx->line);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

struct lexer *lexer_open(const char *path, struct lexer *up)
{
	char *text = read_file(path);

	if (!text)
		return NULL;
	for (struct lexer *it = up; it; it = it->up)
		if (!strcmp(it->path, path))
			fail_at(up, "recursive inclusion of \"%s\"", path);
	sources = realloc(sources, (nsources + 1) * sizeof(*sources));
	sources[nsources++] = format("%s", path);

	struct lexer *lx = allocate(sizeof(*lx));
	lx->path = sources[nsources - 1];
	lx->at = text;
	lx->up = up;
	return lx;
}

// One physical line, or several that end in a backslash; NULL at the end.
static char *take_line(struct lexer *lx)
{
	char *start = lx->at, *to = start, *from = start;

	if (!*from)
		return NULL;
	lx->line++;
	while (*from && *from != '\n') {
		if (from[0] == '\\' && from[1] == '\n') {
			lx->line++;
			from += 2;
			continue;
		}
		*to++ = *from++;
	}
	lx->at = *from ? from + 1 : from;
	*to = '\0';
	return start;
}

static const char *closing(const struct lexer *lx, const char *open)
{
	int depth = 0;

	for (const char *p = open; *p; p++) {
		if (*p == '(')
			depth++;
		else if (*p == ')' && --depth == 0)
			return p;
	}
	fail_at(lx, "unterminated $(");
}

static char *run_shell(const struct lexer *lx, const char *command)
{
	FILE *pipe = popen(command, "r");
	char *out = format("%s", "");
	char part[512];
	size_t length;

	if (!pipe)
		fail_at(lx, "cannot run: %s", command);
	while (fgets(part, sizeof(part), pipe))
		out = format("%s%s", out, part);
	pclose(pipe);
	for (length = strlen(out); length && out[length - 1] == '\n'; length--)
		out[length - 1] = '\0';
	for (char *p = out; *p; p++)
		if (*p == '\n')
			*p = ' ';
	return out;
}

// `body` is what stands between $( and ), already expanded.
static char *call_macro(const struct lexer *lx, char *body)
{
	char *args = strchr(body, ',');
	char *second;

	if (!args) {
		for (struct macro *m = macros; m; m = m->next)
			if (!strcmp(m->name, body))
				return m->lazy ? expand(lx, m->value) : m->value;
		return format("%s", getenv(body) ? getenv(body) : "");
	}
	*args++ = '\0';
	if (!strcmp(body, "shell"))
		return run_shell(lx, args);
	second = strchr(args, ',');
	if (!second)
		fail_at(lx, "$(%s,...) takes two arguments", body);
	*second++ = '\0';
	if (!strcmp(body, "error-if")) {
		if (!strcmp(args, "y"))
			fail_at(lx, "%s", second);
		return format("%s", "");
	}
	if (!strcmp(body, "warning-if")) {
		if (!strcmp(args, "y"))
			fprintf(stderr, "%s:%d: warning: %s\n", lx->path, lx->line, second);
		return format("%s", "");
	}
	fail_at(lx, "unknown function $(%s,...)", body);
}

char *expand(const struct lexer *lx, const char *text)
{
	char *out = format("%s", "");

	for (const char *p = text; *p; p++) {
		if (p[0] == '$' && p[1] == '(') {
			const char *end = closing(lx, p + 1);
			char *body = format("%.*s", (int)(end - p - 2), p + 2);

			out = format("%s%s", out, call_macro(lx, expand(lx, body)));
			p = end;
		} else {
			out = format("%s%c", out, *p);
		}
	}
	return out;
}

void macro_set(const struct lexer *lx, const char *name, const char *op, const char *value)
{
	struct macro *m;

	for (m = macros; m && strcmp(m->name, name); m = m->next)
		;
	if (!m) {
		m = allocate(sizeof(*m));
		m->name = format("%s", name);
		m->value = format("%s", "");
		m->lazy = !strcmp(op, "=");
		m->next = macros;
		macros = m;
	}
	if (!strcmp(op, "+=")) {
		m->value = format("%s %s", m->value, m->lazy ? value : expand(lx, value));
		return;
	}
	m->lazy = !strcmp(op, "=");
	m->value = m->lazy ? format("%s", value) : expand(lx, value);
}

static void push(struct lexer *lx, enum token kind, char *text)
{
	if (lx->ntokens == (int)(sizeof(lx->tokens) / sizeof(lx->tokens[0])))
		fail_at(lx, "too many words on one line");
	lx->tokens[lx->ntokens].kind = kind;
	lx->tokens[lx->ntokens++].text = text;
}

static const char *quoted(struct lexer *lx, const char *p)
{
	char quote = *p++;
	char *text = format("%s", "");

	for (; *p != quote; p++) {
		if (!*p)
			fail_at(lx, "unterminated string");
		if (*p == '\\' && p[1])
			p++;
		else if (p[0] == '$' && p[1] == '(' && quote == '"') {
			const char *end = closing(lx, p + 1);

			text = format("%s%s", text, expand(lx, format("%.*s", (int)(end + 1 - p), p)));
			p = end;
			continue;
		}
		text = format("%s%c", text, *p);
	}
	push(lx, TK_STRING, text);
	return p + 1;
}

static const char *word(struct lexer *lx, const char *p)
{
	char *text = format("%s", "");

	while (*p) {
		if (p[0] == '$' && p[1] == '(') {
			const char *end = closing(lx, p + 1);

			text = format("%s%s", text, expand(lx, format("%.*s", (int)(end + 1 - p), p)));
			p = end + 1;
		} else if (isalnum((unsigned char)*p) || strchr("_-./", *p)) {
			text = format("%s%c", text, *p++);
		} else {
			break;
		}
	}
	push(lx, TK_WORD, text);
	return p;
}

// `name := value`, `name = value` and `name += value` at the start of a line.
static bool assignment(struct lexer *lx, const char *p)
{
	size_t length = strspn(p, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");
	const char *op = p + length + strspn(p + length, " \t");
	size_t width = *op == '=' ? 1 : !strncmp(op, ":=", 2) || !strncmp(op, "+=", 2) ? 2 : 0;

	if (!length || !width)
		return false;
	push(lx, TK_ASSIGN, format("%.*s", (int)length, p));
	push(lx, TK_OP, format("%.*s", (int)width, op));
	push(lx, TK_STRING, format("%s", op + width + strspn(op + width, " \t")));
	return true;
}

bool lexer_next_line(struct lexer *lx)
{
	static const char *const operators[] = {"&&", "||", "!=", "<=", ">=", "!", "=", "<", ">", "(", ")"};
	const char *p;

	lx->ntokens = lx->pos = 0;
	while (!lx->ntokens) {
		p = take_line(lx);
		if (!p)
			return false;
		p += strspn(p, " \t\r");
		if (assignment(lx, p))
			return true;
		while (*p && *p != '#') {
			const char *op = NULL;

			for (size_t i = 0; !op && i < sizeof(operators) / sizeof(*operators); i++)
				if (!strncmp(p, operators[i], strlen(operators[i])))
					op = operators[i];
			if (isspace((unsigned char)*p))
				p++;
			else if (*p == '"' || *p == '\'')
				p = quoted(lx, p);
			else if (op)
				push(lx, TK_OP, (char *)op), p += strlen(op);
			else if (isalnum((unsigned char)*p) || strchr("_-./$", *p))
				p = word(lx, p);
			else
				fail_at(lx, "unexpected character '%c'", *p);
		}
	}
	return true;
}

static int indent_of(const char *line)
{
	int column = 0;

	for (; *line == ' ' || *line == '\t'; line++)
		column = *line == '\t' ? (column | 7) + 1 : column + 1;
	return *line && *line != '\n' ? column : -1;
}

// Help text runs as far as lines are indented at least as its first one.
void lexer_skip_help(struct lexer *lx)
{
	int wanted = -1;

	while (*lx->at) {
		int indent = indent_of(lx->at);

		if (indent >= 0) {
			if (wanted < 0)
				wanted = indent;
			if (indent < wanted || indent == 0)
				return;
		}
		take_line(lx);
	}
}
