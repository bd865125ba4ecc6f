// SPDX-License-Identifier: Apache-2.0
// Exceptions are bugs: say which, and end the machine.
#include <stdint.h>
#include <stdio.h>

#include <uk/debug.h>
#include <uk/essentials.h>
#include <uk/plat/power.h>

#include <kvm/boot.h>

#define STUB_SIZE 16
#define GATE_INTERRUPT 0x8e00

struct trap_frame {
	uint64_t rbp, vector, code, rip, cs, rflags, rsp, ss;
};

struct gate {
	uint16_t offset_low, selector, flags, offset_middle;
	uint32_t offset_high, reserved;
};

extern char kvm_trap_stubs[];
void kvm_trap(const struct trap_frame *frame) __noreturn;

static struct gate gates[32];

static const char *const names[32] = {
	[0] = "division error",
	[3] = "breakpoint",
	[6] = "invalid opcode",
	[8] = "double fault",
	[12] = "stack fault",
	[13] = "general protection fault",
	[14] = "page fault",
};

void kvm_trap(const struct trap_frame *frame)
{
	uint64_t fault_address;

	__asm__ volatile("movq %%cr2, %0" : "=r"(fault_address));
	printf("Crash: %s (exception %lu, code 0x%lx) at 0x%lx\n",
		names[frame->vector] ? names[frame->vector] : "unexpected exception",
		frame->vector, frame->code, frame->rip);
	if (frame->vector == 14)
		printf("  on access to 0x%lx\n", fault_address);
	uk_backtrace(frame->rbp);
	ukplat_crash();
}

void kvm_trap_init(void)
{
	struct __packed {
		uint16_t limit;
		uint64_t base;
	} pointer = {sizeof(gates) - 1, (uintptr_t)gates};

	for (size_t i = 0; i < ARRAY_SIZE(gates); i++) {
		uintptr_t stub = (uintptr_t)kvm_trap_stubs + i * STUB_SIZE;

		gates[i].offset_low = (uint16_t)stub;
		gates[i].offset_middle = (uint16_t)(stub >> 16);
		gates[i].offset_high = (uint32_t)(stub >> 32);
		gates[i].selector = KVM_CODE64;
		gates[i].flags = GATE_INTERRUPT;
	}
	__asm__ volatile("lidt %0" : : "m"(pointer));
}
