// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <string.h>

#include <uk/cpio.h>
#include <uk/essentials.h>

#include "header.h"

static const char trailer[] = "TRAILER!!!";

int ukcpio_next(struct ukcpio_archive *archive, struct ukcpio_entry *entry)
{
	const char *header = archive->at;
	uint32_t name_size, file_size;
	size_t data_at, end;

	if (archive->left < HEADER_SIZE || !header_is_newc(header))
		return -EINVAL;
	if (!header_read(header, FIELD_NAME_SIZE, &name_size) ||
	    !header_read(header, FIELD_FILE_SIZE, &file_size) ||
	    !header_read(header, FIELD_MODE, &entry->mode) ||
	    !header_read(header, FIELD_MTIME, &entry->mtime) ||
	    !header_read(header, FIELD_INODE, &entry->inode) ||
	    !header_read(header, FIELD_LINKS, &entry->links))
		return -EINVAL;
	data_at = ALIGN_UP((size_t)HEADER_SIZE + name_size, 4ul);
	if (name_size == 0 || data_at > archive->left || file_size > archive->left - data_at ||
	    header[HEADER_SIZE + name_size - 1] != '\0')
		return -EINVAL;
	entry->name = header + HEADER_SIZE;
	entry->data = header + data_at;
	entry->length = file_size;
	if (!strcmp(entry->name, trailer))
		return 0;
	// The last entry of an archive that was cut off after its data need not be padded.
	end = MIN(ALIGN_UP(data_at + file_size, 4ul), archive->left);
	archive->at += end;
	archive->left -= end;
	return 1;
}
