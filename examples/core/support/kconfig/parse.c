// SPDX-License-Identifier: Apache-2.0
// The Kconfig language: lines of tokens to a tree of menus.
#include <glob.h>
#include <stdlib.h>
#include <string.h>

#include "kconfig.h"

struct menu root = {.kind = M_ROOT};

static const char *root_dir;
static struct menu *current;     // where new entries go
static struct menu *entry;       // what attributes (`depends on`, `default`, …) apply to

static const char *peek(struct lexer *lx)
{
	return lx->pos < lx->ntokens ? lx->tokens[lx->pos].text : "";
}

static bool peek_op(struct lexer *lx, const char *op)
{
	return lx->pos < lx->ntokens && lx->tokens[lx->pos].kind == TK_OP && !strcmp(peek(lx), op);
}

static bool accept(struct lexer *lx, const char *word)
{
	if (lx->pos >= lx->ntokens || lx->tokens[lx->pos].kind == TK_STRING || strcmp(peek(lx), word))
		return false;
	lx->pos++;
	return true;
}

static char *take(struct lexer *lx, const char *what)
{
	if (lx->pos >= lx->ntokens || lx->tokens[lx->pos].kind == TK_OP)
		fail_at(lx, "expected %s", what);
	return lx->tokens[lx->pos++].text;
}

static struct symbol *take_symbol(struct lexer *lx)
{
	bool constant = lx->pos < lx->ntokens && lx->tokens[lx->pos].kind == TK_STRING;
	char *text = take(lx, "a symbol or a value");

	return constant ? symbol_constant(text) : symbol_lookup(text);
}

static struct expr *parse_or(struct lexer *lx);

static struct expr *parse_unary(struct lexer *lx)
{
	static const struct { const char *text; enum expr_kind kind; } compares[] = {
		{"=", E_EQ}, {"!=", E_NE}, {"<", E_LT}, {"<=", E_LE}, {">", E_GT}, {">=", E_GE},
	};
	struct symbol *left;

	if (accept(lx, "!"))
		return expr_not(parse_unary(lx));
	if (accept(lx, "(")) {
		struct expr *inner = parse_or(lx);

		if (!accept(lx, ")"))
			fail_at(lx, "expected )");
		return inner;
	}
	left = take_symbol(lx);
	for (size_t i = 0; i < sizeof(compares) / sizeof(*compares); i++)
		if (accept(lx, compares[i].text))
			return expr_compare(compares[i].kind, left, take_symbol(lx));
	return expr_symbol(left);
}

static struct expr *parse_and(struct lexer *lx)
{
	struct expr *e = parse_unary(lx);

	while (accept(lx, "&&"))
		e = expr_and(e, parse_unary(lx));
	return e;
}

static struct expr *parse_or(struct lexer *lx)
{
	struct expr *e = parse_and(lx);

	while (accept(lx, "||"))
		e = expr_or(e, parse_and(lx));
	return e;
}

static struct expr *parse_if(struct lexer *lx)
{
	return accept(lx, "if") ? parse_or(lx) : NULL;
}

static struct menu *add_menu(enum menu_kind kind)
{
	struct menu *m = allocate(sizeof(*m));

	m->kind = kind;
	m->parent = current;
	if (current->last)
		current->last->next = m;
	else
		current->children = m;
	current->last = m;
	entry = m;
	return m;
}

static struct property *add_prop(enum prop_kind kind)
{
	struct property *p = allocate(sizeof(*p)), **end;

	p->kind = kind;
	for (end = &entry->props; *end; end = &(*end)->next)
		;
	*end = p;
	return p;
}

static void add_prompt(struct lexer *lx)
{
	struct property *p = add_prop(P_PROMPT);

	p->text = take(lx, "a prompt");
	p->cond = parse_if(lx);
}

static void add_default(struct lexer *lx)
{
	struct property *p = add_prop(P_DEFAULT);

	p->value = parse_or(lx);
	p->cond = parse_if(lx);
}

static void set_type(struct lexer *lx, enum type type)
{
	struct symbol *sym = entry->symbol;

	if (sym->type != T_UNKNOWN && sym->type != type)
		fprintf(stderr, "%s:%d: warning: '%s' is redefined as %s, was %s\n", lx->path, lx->line,
			sym->name ? sym->name : "choice", type_name(type), type_name(sym->type));
	else
		sym->type = type;
	if (lx->pos < lx->ntokens)
		add_prompt(lx);
}

static bool type_line(struct lexer *lx, const char *word)
{
	for (enum type t = T_BOOL; t <= T_STRING; t++) {
		if (!strcmp(word, type_name(t)))
			return set_type(lx, t), true;
		if (!strncmp(word, "def_", 4) && !strcmp(word + 4, type_name(t))) {
			int pos = lx->pos;

			lx->pos = lx->ntokens;
			set_type(lx, t);
			lx->pos = pos;
			return add_default(lx), true;
		}
	}
	return false;
}

static void reverse_line(struct lexer *lx, enum prop_kind kind)
{
	struct property *p = add_prop(kind);

	p->target = symbol_lookup(take(lx, "a symbol"));
	p->cond = parse_if(lx);
}

static void range_line(struct lexer *lx)
{
	struct property *p = add_prop(P_RANGE);

	p->low = take_symbol(lx);
	p->high = take_symbol(lx);
	p->cond = parse_if(lx);
}

static void option_line(struct lexer *lx)
{
	char *name = take(lx, "an option");
	struct property *p;

	if (strcmp(name, "env"))
		fail_at(lx, "unknown option '%s'", name);
	if (!accept(lx, "="))
		fail_at(lx, "expected =");
	name = take(lx, "the name of a variable");
	entry->symbol->env = true;
	p = add_prop(P_DEFAULT);
	p->value = expr_symbol(symbol_constant(getenv(name) ? getenv(name) : ""));
}

// Attributes of the entry that was opened last. False: not an attribute.
static bool attribute(struct lexer *lx, const char *word)
{
	bool of_symbol = entry && entry->symbol;

	if (!entry)
		return false;
	if (!strcmp(word, "depends") && accept(lx, "on"))
		return entry->depends = expr_and(entry->depends, parse_or(lx)), true;
	if (!strcmp(word, "visible") && accept(lx, "if"))
		return entry->visible_if = expr_and(entry->visible_if, parse_or(lx)), true;
	if (!strcmp(word, "help") || !strcmp(word, "---help---"))
		return lexer_skip_help(lx), true;
	if (!of_symbol)
		return false;
	if (!strcmp(word, "prompt"))
		return add_prompt(lx), true;
	if (!strcmp(word, "default"))
		return add_default(lx), true;
	if (!strcmp(word, "select"))
		return reverse_line(lx, P_SELECT), true;
	if (!strcmp(word, "imply"))
		return reverse_line(lx, P_IMPLY), true;
	if (!strcmp(word, "range"))
		return range_line(lx), true;
	if (!strcmp(word, "option"))
		return option_line(lx), true;
	if (!strcmp(word, "optional"))
		return entry->symbol->optional = true, true;
	return type_line(lx, word);
}

static void end_block(struct lexer *lx, enum menu_kind kind, struct menu *floor)
{
	if (current == floor || current->kind != kind)
		fail_at(lx, "'%s' ends nothing that is open here", lx->tokens[0].text);
	current = current->parent;
	entry = NULL;
}

static void config_line(struct lexer *lx)
{
	struct symbol *sym = symbol_lookup(take(lx, "the name of a symbol"));
	struct symbol *choice = current->kind == M_CHOICE ? current->symbol : NULL;

	sym->defined = true;
	add_menu(M_CONFIG)->symbol = sym;
	if (!choice)
		return;
	sym->in_choice = choice;
	choice->members = realloc(choice->members, (choice->nmembers + 1) * sizeof(sym));
	choice->members[choice->nmembers++] = sym;
}

static void parse_file(const char *path, struct lexer *up);

// `source`, `osource` (which may find nothing), and the same with `r` before them, where a
// path is relative to the file that has the line and not to that of the first one.
static bool source_line(struct lexer *lx, const char *word)
{
	bool relative = !strncmp(word, "rs", 2) || !strncmp(word, "or", 2);
	bool optional = *word == 'o';
	const char *slash = strrchr(lx->path, '/'), *dir = root_dir;
	char *path;
	glob_t found;

	if (strcmp(word, "source") && strcmp(word, "osource") && strcmp(word, "rsource") &&
	    strcmp(word, "orsource"))
		return false;
	path = take(lx, "a path");
	entry = NULL;
	if (!*path)
		return true;  // A macro that found nothing to include gives "".
	if (relative)
		dir = slash ? format("%.*s", (int)(slash - lx->path), lx->path) : ".";
	path = *path == '/' ? path : format("%s/%s", dir, path);
	if (glob(path, 0, NULL, &found) != 0) {
		if (!optional)
			fail_at(lx, "cannot read \"%s\"", path);
		return true;
	}
	// glob sorts by the locale, and `conf` never leaves that of C.
	for (size_t i = 0; i < found.gl_pathc; i++)
		parse_file(format("%s", found.gl_pathv[i]), lx);
	globfree(&found);
	entry = NULL;
	return true;
}

static void parse_line(struct lexer *lx, struct menu *floor)
{
	char *word = lx->tokens[lx->pos++].text;

	if (lx->tokens[0].kind == TK_ASSIGN) {
		macro_set(lx, word, lx->tokens[1].text, lx->tokens[2].text);
		lx->pos = lx->ntokens;
	} else if (!strcmp(word, "config") || !strcmp(word, "menuconfig")) {
		config_line(lx);
	} else if (!strcmp(word, "choice")) {
		// A name is allowed, and only helps who reads the file.
		lx->pos = lx->ntokens;
		current = add_menu(M_CHOICE);
		current->symbol = symbol_choice();
	} else if (!strcmp(word, "menu")) {
		char *text = take(lx, "a title");

		current = add_menu(M_MENU);
		current->text = text;
	} else if (!strcmp(word, "comment")) {
		char *text = take(lx, "a text");

		add_menu(M_COMMENT)->text = text;
	} else if (!strcmp(word, "if")) {
		current = add_menu(M_IF);
		current->depends = parse_or(lx);
		entry = NULL;
	} else if (!strcmp(word, "endif")) {
		end_block(lx, M_IF, floor);
	} else if (!strcmp(word, "endmenu")) {
		end_block(lx, M_MENU, floor);
	} else if (!strcmp(word, "endchoice")) {
		end_block(lx, M_CHOICE, floor);
	} else if (!strcmp(word, "mainmenu")) {
		root.text = take(lx, "a title");
	} else if (source_line(lx, word)) {
		entry = NULL;
	} else if (!attribute(lx, word) && *word) {
		fail_at(lx, "unexpected '%s'", word);
	}
	if (lx->pos < lx->ntokens)
		fail_at(lx, "unexpected '%s'", peek(lx));
}

static void parse_file(const char *path, struct lexer *up)
{
	struct lexer *lx = lexer_open(path, up);
	struct menu *floor = current;

	if (!lx && up)
		fail_at(up, "cannot read \"%s\"", path);
	if (!lx) {
		fprintf(stderr, "error: cannot read \"%s\"\n", path);
		exit(1);
	}
	entry = NULL;
	while (lexer_next_line(lx)) {
		if (peek_op(lx, peek(lx)))
			fail_at(lx, "unexpected '%s'", peek(lx));
		parse_line(lx, floor);
	}
	if (current != floor)
		fail_at(lx, "the file ends inside a %s", current->kind == M_IF ? "if" :
			current->kind == M_MENU ? "menu" : "choice");
}

void parse_kconfig(const char *path)
{
	const char *slash = strrchr(path, '/');

	root_dir = slash ? format("%.*s", (int)(slash - path), path) : ".";
	current = &root;
	parse_file(path, NULL);
	menu_finalize();
}
