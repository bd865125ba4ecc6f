// SPDX-License-Identifier: Apache-2.0
// What every part of the kernel may use.
#ifndef UK_ESSENTIALS_H
#define UK_ESSENTIALS_H

#define UK_STRINGIFY_(x) #x
#define UK_STRINGIFY(x) UK_STRINGIFY_(x)
#define UK_CONCAT_(a, b) a##b
#define UK_CONCAT(a, b) UK_CONCAT_(a, b)

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#define ALIGN_UP(value, to) (((value) + (to) - 1) & ~((to) - 1))
#define ALIGN_DOWN(value, to) ((value) & ~((to) - 1))
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))

#define __weak __attribute__((weak))
#define __used __attribute__((used))
#define __packed __attribute__((packed))
#define __noreturn __attribute__((noreturn))
#define __maybe_unused __attribute__((unused))
#define __printf_like(text, first) __attribute__((format(printf, text, first)))

#endif
