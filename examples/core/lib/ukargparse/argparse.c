// SPDX-License-Identifier: Apache-2.0
#include <ctype.h>
#include <errno.h>

#include <uk/argparse.h>

// Takes the word that starts at `*from`, without its quotes and escapes; `*from` ends behind it.
static void take_word(char **from)
{
	char *to = *from, *p = *from, quote = '\0';

	for (; *p && (quote || !isspace((unsigned char)*p)); p++) {
		if (*p == '\\' && quote != '\'' && p[1]) {
			if (quote && p[1] != '"' && p[1] != '\\')
				*to++ = *p;
			*to++ = *++p;
		} else if (quote && *p == quote) {
			quote = '\0';
		} else if (!quote && (*p == '"' || *p == '\'')) {
			quote = *p;
		} else {
			*to++ = *p;
		}
	}
	*from = *p ? p + 1 : p;
	*to = '\0';
}

int uk_argparse(char *text, char *argv[], int most)
{
	int count = 0;

	for (;;) {
		while (isspace((unsigned char)*text))
			text++;
		if (!*text)
			return count;
		if (count == most)
			return -E2BIG;
		argv[count++] = text;
		take_word(&text);
	}
}
