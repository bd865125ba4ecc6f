// SPDX-License-Identifier: Apache-2.0
// What the parts of `conf` share. Memory is never freed: the tool reads a few
// hundred entries, writes its files and exits.
#ifndef KCONFIG_H
#define KCONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum type { T_UNKNOWN, T_BOOL, T_TRISTATE, T_INT, T_HEX, T_STRING };

// Kconfig's three-valued logic. Without modules `m` only ever reads as `y`.
enum tri { NO, MOD, YES };

struct symbol;

enum expr_kind { E_SYMBOL, E_NOT, E_AND, E_OR, E_EQ, E_NE, E_LT, E_LE, E_GT, E_GE };

// NULL stands for "always": an absent condition.
struct expr {
	enum expr_kind kind;
	struct expr *left, *right;   // E_NOT, E_AND, E_OR
	struct symbol *a, *b;        // E_SYMBOL (a) and the comparisons
};

enum prop_kind { P_PROMPT, P_DEFAULT, P_SELECT, P_IMPLY, P_RANGE };

struct property {
	enum prop_kind kind;
	char *text;                  // P_PROMPT
	struct expr *value;          // P_DEFAULT
	struct symbol *target;       // P_SELECT, P_IMPLY
	struct symbol *low, *high;   // P_RANGE
	struct expr *cond;
	struct property *next;
};

// One `select` or `imply` as its target sees it.
struct reverse {
	struct symbol *by;
	struct expr *cond;
	struct reverse *next;
};

struct symbol {
	char *name;                  // of a constant, its text; NULL for a choice
	enum type type;
	bool constant;               // quoted in the source
	bool choice, optional;       // is a choice; may have no member chosen
	bool env;                    // takes its value from the environment, is never written
	struct symbol *in_choice;    // the choice that this is a member of
	struct symbol **members;     // of a choice, in order
	size_t nmembers;
	struct property *props, **last_prop;
	struct expr *direct;         // `depends on` of every definition, or-ed
	bool defined;
	struct reverse *selects, *implies;

	char *user;                  // what the file that was read says
	struct symbol *user_choice;  // of a choice: the member that the file says y for

	enum { FRESH, BUSY, DONE } state;
	enum tri tri, visible;
	char *value;                 // text form of the value, never NULL once DONE
	struct symbol *chosen;
	bool write;                  // belongs in .config
	bool written;
	struct symbol *next;         // in the order of first mention
};

enum menu_kind { M_ROOT, M_MENU, M_CONFIG, M_CHOICE, M_COMMENT, M_IF };

struct menu {
	enum menu_kind kind;
	char *text;                  // M_MENU, M_COMMENT, and the title in M_ROOT
	struct symbol *symbol;       // M_CONFIG, M_CHOICE
	struct property *props;      // those of this definition, until menu_finalize
	struct expr *depends, *visible_if;
	struct menu *parent, *children, *last, *next;
};

extern struct menu root;
extern struct symbol *symbols;

// parse.c: reads Config.uk files into `root`.
void parse_kconfig(const char *path);

// lex.c: a file as lines of tokens.
enum token { TK_END, TK_WORD, TK_STRING, TK_OP, TK_ASSIGN };
struct lexer {
	const char *path;
	int line;                    // of the line that `tokens` came from
	char *at;                    // the rest of the file
	struct lexer *up;            // the file that sourced this one
	struct { enum token kind; char *text; } tokens[64];
	int ntokens, pos;
};
struct lexer *lexer_open(const char *path, struct lexer *up);
bool lexer_next_line(struct lexer *lx);  // false at the end of the file
void lexer_skip_help(struct lexer *lx);
void fail_at(const struct lexer *lx, const char *format, ...)
	__attribute__((noreturn, format(printf, 2, 3)));
char *expand(const struct lexer *lx, const char *text);
void macro_set(const struct lexer *lx, const char *name, const char *op, const char *value);

// expr.c
struct expr *expr_symbol(struct symbol *sym);
struct expr *expr_not(struct expr *e);
struct expr *expr_and(struct expr *a, struct expr *b);
struct expr *expr_or(struct expr *a, struct expr *b);
struct expr *expr_compare(enum expr_kind kind, struct symbol *a, struct symbol *b);
enum tri expr_value(const struct expr *e);
void expr_print(const struct expr *e, FILE *out);

// symbol.c
struct symbol *symbol_find(const char *name);    // NULL when nothing mentions it
struct symbol *symbol_lookup(const char *name);  // made when new
struct symbol *symbol_constant(const char *text);
struct symbol *symbol_choice(void);
void symbol_calc(struct symbol *sym);
bool symbol_accepts(const struct symbol *sym, const char *text);
bool symbol_in_range(struct symbol *sym, const char *text);
bool symbol_is_default(struct symbol *sym);
const char *type_name(enum type type);
void menu_finalize(void);

// confdata.c: the files that are read and written.
void conf_read(const char *path);
void conf_write(const char *path, bool quiet);
void conf_save_minimal(const char *path);
void conf_sync(const char *autoconf, const char *header, const char *dep_dir);

// conf.c
char *format(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void *allocate(size_t size);
char *read_file(const char *path);       // NULL when it cannot be read
bool make_parents(const char *path);
bool parse_number(const char *text, long long *out);
extern int warnings;
extern char **sources;                   // every Config.uk that was read
extern size_t nsources;

#endif
