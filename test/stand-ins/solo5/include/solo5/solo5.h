/* What an application sees of Solo5, as far as the stand-in has it. */
#ifndef SOLO5_H
#define SOLO5_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SOLO5_EXIT_SUCCESS 0
#define SOLO5_EXIT_ABORT 255

typedef enum { SOLO5_R_OK = 0, SOLO5_R_AGAIN, SOLO5_R_EINVAL, SOLO5_R_EUNSPEC } solo5_result_t;
typedef uint64_t solo5_handle_t;
typedef uint64_t solo5_off_t;

struct solo5_start_info {
  const char *cmdline;
  uintptr_t heap_start;
  size_t heap_size;
};

struct solo5_block_info {
  solo5_off_t capacity;
  solo5_off_t block_size;
};

int solo5_app_main(const struct solo5_start_info *info);
void solo5_exit(int status) __attribute__((noreturn));
void solo5_console_write(const char *text, size_t size);
solo5_result_t solo5_block_acquire(const char *name, solo5_handle_t *handle, struct solo5_block_info *info);
solo5_result_t solo5_block_write(solo5_handle_t handle, solo5_off_t offset, const uint8_t *from, size_t size);
solo5_result_t solo5_block_read(solo5_handle_t handle, solo5_off_t offset, uint8_t *to, size_t size);

#endif
