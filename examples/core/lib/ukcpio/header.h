// SPDX-License-Identifier: Apache-2.0
#ifndef HEADER_H
#define HEADER_H

#include <stdbool.h>
#include <stdint.h>

#define HEADER_SIZE 110

enum header_field {
	FIELD_INODE, FIELD_MODE, FIELD_UID, FIELD_GID, FIELD_LINKS, FIELD_MTIME, FIELD_FILE_SIZE,
	FIELD_DEV_MAJOR, FIELD_DEV_MINOR, FIELD_RDEV_MAJOR, FIELD_RDEV_MINOR, FIELD_NAME_SIZE, FIELD_CHECK,
};

// Whether `text`, of HEADER_SIZE characters, starts as a header does.
bool header_is_newc(const char *text);

// False when the field is not a number.
bool header_read(const char *text, enum header_field field, uint32_t *value);

#endif
