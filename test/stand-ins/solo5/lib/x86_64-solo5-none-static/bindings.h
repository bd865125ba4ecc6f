/* Solo5's bindings on system calls of Linux; the tender has opened what is attached. */
#include "solo5.h"

static const struct {
  uint32_t name_size, content_size, type;
  char name[8];
  uint32_t content[4];
} abi_note __attribute__((section(".note.solo5.abi"), aligned(4), used)) = {
    6, 16, 0x31494241, "Solo5", {ABI_TARGET, 2, 0, 0}};

static long call(long number, long a, long b, long c, long d) {
  long result;
  register long r10 __asm__("r10") = d;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10)
                   : "rcx", "r11", "memory");
  return result;
}

static char **environment;

uintptr_t __stack_chk_guard = 0x00deadbeef0d0a00;

void __stack_chk_fail(void) {
  solo5_exit(SOLO5_EXIT_ABORT);
}

void solo5_exit(int status) {
  for (;;) call(231, status, 0, 0, 0);
}

void solo5_console_write(const char *text, size_t size) {
  call(1, 1, (long)text, (long)size, 0);
}

/* The tender says `block_NAME=DESCRIPTOR:BYTES`. */
solo5_result_t solo5_block_acquire(const char *name, solo5_handle_t *handle, struct solo5_block_info *info) {
  for (char **one = environment; *one; one++) {
    const char *at = *one, *key = "block_";
    while (*key && *at == *key) at++, key++;
    key = *key ? key : name;
    while (*key && *at == *key) at++, key++;
    if (*key || *at++ != '=') continue;
    *handle = 0;
    for (; *at != ':'; at++) *handle = *handle * 10 + (uint64_t)(*at - '0');
    info->capacity = 0;
    for (at++; *at; at++) info->capacity = info->capacity * 10 + (uint64_t)(*at - '0');
    info->block_size = 512;
    return SOLO5_R_OK;
  }
  return SOLO5_R_EINVAL;
}

solo5_result_t solo5_block_read(solo5_handle_t handle, solo5_off_t offset, uint8_t *to, size_t size) {
  return call(17, (long)handle, (long)to, (long)size, (long)offset) == (long)size ? SOLO5_R_OK : SOLO5_R_EUNSPEC;
}

solo5_result_t solo5_block_write(solo5_handle_t handle, solo5_off_t offset, const uint8_t *from, size_t size) {
  return call(18, (long)handle, (long)from, (long)size, (long)offset) == (long)size ? SOLO5_R_OK : SOLO5_R_EUNSPEC;
}

__attribute__((used)) static void begin(long *stack) {
  long count = stack[0];
  char **arguments = (char **)(stack + 1);
  environment = arguments + count + 1;
  struct solo5_start_info info = {count > 1 ? arguments[1] : "", 0, 0};
  solo5_exit(solo5_app_main(&info));
}

__asm__(".globl _start\n_start:\n  mov %rsp, %rdi\n  and $-16, %rsp\n  call begin\n");
