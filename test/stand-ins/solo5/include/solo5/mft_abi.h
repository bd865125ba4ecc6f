/* The note that declares devices. */
#include <stdbool.h>
#include <stdint.h>

#define MFT_VERSION 1
#define MFT_RESERVED_FIRST 0x40000000
#define MFT_DEV_BLOCK_BASIC 1
#define MFT_DEV_NET_BASIC 2

struct mft_entry {
  char name[68];
  uint32_t type;
  uint64_t about[2];
  uint64_t handle;
  bool attached;
  char padding[7];
};

struct mft {
  uint32_t version;
  uint32_t entries;
  struct mft_entry e[MFT_ENTRIES];
};

struct mft_note {
  uint32_t name_size, content_size, type;
  char name[8];
  uint32_t padding;
  struct mft content;
};

#define MFT1_NOTE_DECLARE_BEGIN                                                            \
  const struct mft_note solo5_manifest                                                     \
      __attribute__((section(".note.solo5.manifest"), aligned(4), used)) = {               \
          6, 4 + sizeof(struct mft), 0x3154464d, "Solo5", 0,
#define MFT1_NOTE_DECLARE_END \
  }                           \
  ;
