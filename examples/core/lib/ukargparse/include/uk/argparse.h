// SPDX-License-Identifier: Apache-2.0
#ifndef UK_ARGPARSE_H
#define UK_ARGPARSE_H

// Splits `text` into words at blanks, in place, and puts them into `argv`, of which `most` have
// room. Gives how many there are, or -E2BIG. A word may have parts in double or single quotes; a
// backslash takes the next character as it is, but between single quotes, and between double
// quotes only before `"` and `\`.
int uk_argparse(char *text, char *argv[], int most);

#endif
