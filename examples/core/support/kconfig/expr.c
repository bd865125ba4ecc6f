// SPDX-License-Identifier: Apache-2.0
// Conditions. NULL is the condition that always holds.
#include <stdlib.h>
#include <string.h>

#include "kconfig.h"

static struct expr *make(enum expr_kind kind, struct expr *left, struct expr *right)
{
	struct expr *e = allocate(sizeof(*e));

	e->kind = kind;
	e->left = left;
	e->right = right;
	return e;
}

struct expr *expr_symbol(struct symbol *sym)
{
	struct expr *e = make(E_SYMBOL, NULL, NULL);

	e->a = sym;
	return e;
}

struct expr *expr_not(struct expr *e)
{
	return make(E_NOT, e, NULL);
}

struct expr *expr_and(struct expr *a, struct expr *b)
{
	return !a ? b : !b ? a : make(E_AND, a, b);
}

struct expr *expr_or(struct expr *a, struct expr *b)
{
	return !a || !b ? NULL : make(E_OR, a, b);
}

struct expr *expr_compare(enum expr_kind kind, struct symbol *a, struct symbol *b)
{
	struct expr *e = make(kind, NULL, NULL);

	e->a = a;
	e->b = b;
	return e;
}

// Numbers compare as numbers, unless one side was declared a string.
static int compare(struct symbol *a, struct symbol *b)
{
	long long x, y;

	symbol_calc(a);
	symbol_calc(b);
	if (a->type != T_STRING && b->type != T_STRING &&
	    parse_number(a->value, &x) && parse_number(b->value, &y))
		return x < y ? -1 : x > y;
	return strcmp(a->value, b->value);
}

// Both sides are always evaluated, so that a cycle is found whatever the values are.
enum tri expr_value(const struct expr *e)
{
	enum tri left, right;

	if (!e)
		return YES;
	switch (e->kind) {
	case E_SYMBOL:
		symbol_calc(e->a);
		return e->a->tri;
	case E_NOT:
		return YES - expr_value(e->left);
	case E_AND:
		left = expr_value(e->left);
		right = expr_value(e->right);
		return left < right ? left : right;
	case E_OR:
		left = expr_value(e->left);
		right = expr_value(e->right);
		return left > right ? left : right;
	case E_EQ: return compare(e->a, e->b) == 0 ? YES : NO;
	case E_NE: return compare(e->a, e->b) != 0 ? YES : NO;
	case E_LT: return compare(e->a, e->b) < 0 ? YES : NO;
	case E_LE: return compare(e->a, e->b) <= 0 ? YES : NO;
	case E_GT: return compare(e->a, e->b) > 0 ? YES : NO;
	case E_GE: return compare(e->a, e->b) >= 0 ? YES : NO;
	}
	abort();
}

static void print_symbol(const struct symbol *sym, FILE *out)
{
	if (sym->constant)
		fprintf(out, "\"%s\"", sym->name);
	else
		fprintf(out, "%s [=%s]", sym->name ? sym->name : "<choice>", sym->value ? sym->value : "");
}

void expr_print(const struct expr *e, FILE *out)
{
	static const char *const operators[] = {
		[E_AND] = " && ", [E_OR] = " || ", [E_EQ] = "=", [E_NE] = "!=",
		[E_LT] = "<", [E_LE] = "<=", [E_GT] = ">", [E_GE] = ">=",
	};

	if (!e) {
		fputc('y', out);
	} else if (e->kind == E_SYMBOL) {
		print_symbol(e->a, out);
	} else if (e->kind == E_NOT) {
		bool simple = e->left->kind == E_SYMBOL;

		fputs(simple ? "!" : "!(", out);
		expr_print(e->left, out);
		fputs(simple ? "" : ")", out);
	} else if (e->kind == E_AND || e->kind == E_OR) {
		bool left = e->kind == E_AND && e->left->kind == E_OR;
		bool right = e->kind == E_AND && e->right->kind == E_OR;

		fputs(left ? "(" : "", out);
		expr_print(e->left, out);
		fprintf(out, "%s%s%s", left ? ")" : "", operators[e->kind], right ? "(" : "");
		expr_print(e->right, out);
		fputs(right ? ")" : "", out);
	} else {
		print_symbol(e->a, out);
		fputs(operators[e->kind], out);
		print_symbol(e->b, out);
	}
}
