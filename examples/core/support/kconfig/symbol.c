// SPDX-License-Identifier: Apache-2.0
// Symbols and their values: the semantics of prompts, defaults, select, imply,
// ranges and choices.
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "kconfig.h"

struct symbol *symbols;
static struct symbol **last_symbol = &symbols;
static struct symbol *busy[256];  // the chain being evaluated, to report a cycle
static int nbusy;

const char *type_name(enum type type)
{
	static const char *const names[] = {"unknown", "bool", "tristate", "int", "hex", "string"};

	return names[type];
}

static struct symbol *add_symbol(const char *name)
{
	struct symbol *sym = allocate(sizeof(*sym));

	sym->name = name ? format("%s", name) : NULL;
	sym->last_prop = &sym->props;
	*last_symbol = sym;
	last_symbol = &sym->next;
	return sym;
}

struct symbol *symbol_find(const char *name)
{
	for (struct symbol *sym = symbols; sym; sym = sym->next)
		if (sym->name && !sym->constant && !strcmp(sym->name, name))
			return sym;
	return NULL;
}

struct symbol *symbol_constant(const char *text)
{
	struct symbol *sym = add_symbol(text);

	sym->constant = true;
	return sym;
}

struct symbol *symbol_lookup(const char *name)
{
	struct symbol *sym = symbol_find(name);

	if (!strcmp(name, "y") || !strcmp(name, "m") || !strcmp(name, "n"))
		return symbol_constant(name);
	return sym ? sym : add_symbol(name);
}

struct symbol *symbol_choice(void)
{
	struct symbol *sym = add_symbol(NULL);

	sym->choice = sym->defined = true;
	return sym;
}

static bool is_bool(const struct symbol *sym)
{
	return sym->type == T_BOOL || sym->type == T_TRISTATE;
}

bool symbol_accepts(const struct symbol *sym, const char *text)
{
	const char *p = text;

	switch (sym->type) {
	case T_BOOL:
	case T_TRISTATE:
		return !strcmp(text, "y") || !strcmp(text, "n") || (sym->type == T_TRISTATE && !strcmp(text, "m"));
	case T_INT:
		p += *p == '-';
		if (!isdigit((unsigned char)*p) || (*p == '0' && p[1]))
			return false;
		return p[strspn(p, "0123456789")] == '\0';
	case T_HEX:
		if (p[0] == '0' && (p[1] == 'x' || p[1] == 'X'))
			p += 2;
		return *p && p[strspn(p, "0123456789abcdefABCDEF")] == '\0';
	default:
		return true;
	}
}

// The first range whose condition holds.
static struct property *active_range(struct symbol *sym)
{
	for (struct property *p = sym->props; p; p = p->next)
		if (p->kind == P_RANGE && expr_value(p->cond) != NO)
			return p;
	return NULL;
}

static long long number_in(enum type type, const char *text)
{
	return strtoll(text, NULL, type == T_HEX ? 16 : 10);
}

bool symbol_in_range(struct symbol *sym, const char *text)
{
	struct property *range = sym->type == T_INT || sym->type == T_HEX ? active_range(sym) : NULL;
	long long n;

	if (!range)
		return true;
	symbol_calc(range->low);
	symbol_calc(range->high);
	n = number_in(sym->type, text);
	return n >= number_in(sym->type, range->low->value) && n <= number_in(sym->type, range->high->value);
}

// `text`, or the nearer end of the range that it is outside of.
static char *clamped(struct symbol *sym, char *text)
{
	struct property *range = active_range(sym);

	if (symbol_in_range(sym, text))
		return text;
	return number_in(sym->type, text) < number_in(sym->type, range->low->value) ?
		range->low->value : range->high->value;
}

static enum tri visibility(struct symbol *sym)
{
	enum tri best = NO;

	for (struct property *p = sym->props; p; p = p->next) {
		enum tri value = p->kind == P_PROMPT ? expr_value(p->cond) : NO;

		if (value > best)
			best = value;
	}
	return best;
}

static enum tri reverse_value(const struct reverse *list)
{
	enum tri best = NO;

	for (; list; list = list->next) {
		enum tri cond = expr_value(list->cond);

		symbol_calc(list->by);
		if (list->by->tri < cond)
			cond = list->by->tri;
		if (cond > best)
			best = cond;
	}
	return best;
}

static struct property *active_default(struct symbol *sym, enum tri *cond)
{
	for (struct property *p = sym->props; p; p = p->next) {
		if (p->kind != P_DEFAULT)
			continue;
		*cond = expr_value(p->cond);
		if (*cond != NO)
			return p;
	}
	return NULL;
}

// The member that is chosen when nobody asks for another; NULL when none can be.
static struct symbol *default_member(const struct symbol *choice)
{
	if (choice->optional)
		return NULL;
	for (struct property *p = choice->props; p; p = p->next) {
		if (p->kind != P_DEFAULT || !p->value || p->value->kind != E_SYMBOL)
			continue;
		if (expr_value(p->cond) != NO && visibility(p->value->a) != NO)
			return p->value->a;
	}
	for (size_t i = 0; i < choice->nmembers; i++)
		if (visibility(choice->members[i]) != NO)
			return choice->members[i];
	return NULL;
}

static void calc_choice(struct symbol *choice)
{
	choice->tri = choice->visible;
	choice->value = choice->tri == NO ? "n" : "y";
	choice->chosen = NULL;
	if (choice->visible == NO)
		return;
	if (choice->user_choice && visibility(choice->user_choice) != NO)
		choice->chosen = choice->user_choice;
	else
		choice->chosen = default_member(choice);
}

static void warn_unmet(struct symbol *sym)
{
	fprintf(stderr, "WARNING: unmet direct dependencies detected for %s\n  Depends on [n]: ", sym->name);
	expr_print(sym->direct, stderr);
	fprintf(stderr, "\n  Selected by [y]:\n");
	for (struct reverse *r = sym->selects; r; r = r->next)
		if (r->by->tri != NO && expr_value(r->cond) != NO)
			fprintf(stderr, "  - %s [=y]\n", r->by->name);
	warnings++;
}

static enum tri default_bool(struct symbol *sym, enum tri direct)
{
	enum tri value = NO, cond, implied = reverse_value(sym->implies);
	struct property *p = active_default(sym, &cond);

	if (p) {
		value = expr_value(p->value);
		value = value < cond ? value : cond;
	}
	if (implied != NO) {
		value = value > implied ? value : implied;
		value = value < direct ? value : direct;
	}
	return value;
}

static void calc_bool(struct symbol *sym)
{
	enum tri direct = expr_value(sym->direct), selected = reverse_value(sym->selects);
	enum tri value;

	if (sym->in_choice && sym->visible != NO) {
		symbol_calc(sym->in_choice);
		value = sym->in_choice->chosen == sym ? YES : NO;
	} else if (sym->visible != NO && sym->user) {
		value = *sym->user == 'n' ? NO : YES;
		value = value < sym->visible ? value : sym->visible;
	} else {
		value = default_bool(sym, direct);
	}
	if (selected > value)
		value = selected;
	sym->tri = value == NO ? NO : YES;  // `m` becomes `y`: there are no modules.
	sym->value = sym->tri == NO ? "n" : "y";
	sym->write = sym->visible != NO || sym->tri != NO;
	if (selected != NO && direct == NO)
		warn_unmet(sym);
}

static char *default_text(struct symbol *sym)
{
	enum tri cond;
	struct property *p = active_default(sym, &cond);
	char *text = sym->type == T_INT ? "0" : sym->type == T_HEX ? "0x0" : "";

	if (p && p->value->kind == E_SYMBOL) {
		symbol_calc(p->value->a);
		text = p->value->a->value;
	}
	return clamped(sym, text);
}

static void calc_text(struct symbol *sym)
{
	enum tri cond;

	sym->write = sym->visible != NO || active_default(sym, &cond);
	if (sym->visible != NO && sym->user && symbol_in_range(sym, sym->user)) {
		sym->value = sym->user;
		return;
	}
	if (sym->visible != NO && sym->user) {
		fprintf(stderr, "warning: value %s of %s is out of range, taking the default\n",
			sym->user, sym->name);
		warnings++;
	}
	sym->value = default_text(sym);
}

// Whether a file without `sym` would give it the value that it has.
bool symbol_is_default(struct symbol *sym)
{
	enum tri value, selected;

	symbol_calc(sym);
	if (sym->visible == NO)
		return true;
	if (sym->in_choice)
		return sym->tri == NO || default_member(sym->in_choice) == sym;
	if (!is_bool(sym))
		return !strcmp(sym->value, default_text(sym));
	value = default_bool(sym, expr_value(sym->direct));
	selected = reverse_value(sym->selects);
	return sym->tri == ((value > selected ? value : selected) == NO ? NO : YES);
}

static void fail_on_cycle(struct symbol *sym)
{
	int i = nbusy - 1;

	while (i > 0 && busy[i] != sym)
		i--;
	fprintf(stderr, "error: recursive dependency detected!\n");
	for (; i < nbusy; i++)
		fprintf(stderr, "\tsymbol %s depends on\n", busy[i]->name ? busy[i]->name : "<choice>");
	fprintf(stderr, "\tsymbol %s\n", sym->name ? sym->name : "<choice>");
	exit(1);
}

void symbol_calc(struct symbol *sym)
{
	if (sym->state == DONE)
		return;
	if (sym->state == BUSY || nbusy == (int)(sizeof(busy) / sizeof(*busy)))
		fail_on_cycle(sym);
	sym->state = BUSY;
	busy[nbusy++] = sym;
	if (!sym->defined) {
		// A constant, or a name that nothing defines: it stands for its own text.
		bool literal = sym->constant && sym->name[0] && !sym->name[1];

		sym->value = sym->name;
		sym->tri = literal && *sym->name == 'y' ? YES : literal && *sym->name == 'm' ? MOD : NO;
	} else {
		sym->visible = visibility(sym);
		if (sym->choice)
			calc_choice(sym);
		else if (is_bool(sym))
			calc_bool(sym);
		else
			calc_text(sym);
	}
	nbusy--;
	sym->state = DONE;
}

static void add_reverse(struct reverse **list, struct symbol *by, struct expr *cond)
{
	struct reverse *r = allocate(sizeof(*r));

	r->by = by;
	r->cond = cond;
	while (*list)
		list = &(*list)->next;
	*list = r;
}

// Gives every property the conditions of the blocks around it.
static void finalize(struct menu *m, struct expr *depends, struct expr *visible)
{
	struct symbol *sym = m->symbol;
	struct property *p, *next;

	depends = expr_and(depends, m->depends);
	m->depends = depends;
	if (sym && !sym->choice) {
		sym->direct = sym->written ? expr_or(sym->direct, depends) : depends;
		sym->written = true;  // Until the end of this pass: "was defined before".
	}
	for (p = m->props; p; p = next) {
		next = p->next;
		p->next = NULL;
		p->cond = expr_and(depends, p->cond);
		if (p->kind == P_PROMPT)
			p->cond = expr_and(visible, p->cond);
		*sym->last_prop = p;
		sym->last_prop = &p->next;
		if (p->kind == P_SELECT)
			add_reverse(&p->target->selects, sym, p->cond);
		if (p->kind == P_IMPLY)
			add_reverse(&p->target->implies, sym, p->cond);
		if (m->kind == M_CHOICE && p->kind == P_PROMPT)
			depends = p->cond;  // Members are there when the choice is.
	}
	visible = expr_and(visible, m->visible_if);
	for (struct menu *child = m->children; child; child = child->next)
		finalize(child, depends, visible);
}

void menu_finalize(void)
{
	finalize(&root, NULL, NULL);
	for (struct symbol *sym = symbols; sym; sym = sym->next) {
		sym->written = false;
		if (sym->choice && sym->type == T_UNKNOWN)
			sym->type = T_BOOL;
		if (sym->in_choice && sym->type == T_UNKNOWN)
			sym->type = T_BOOL;
		if (sym->defined && sym->type == T_UNKNOWN) {
			fprintf(stderr, "warning: config symbol '%s' has no type, taken as bool\n", sym->name);
			sym->type = T_BOOL;
		}
	}
}
