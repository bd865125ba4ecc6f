// SPDX-License-Identifier: Apache-2.0
// The console: the first serial port, a 16550, without interrupts.
#include <uk/bits/config.h>
#include <uk/plat/console.h>

#include <kvm/boot.h>
#include <kvm/io.h>

#define COM1 0x3f8
#define DATA (COM1 + 0)
#define INTERRUPT_ENABLE (COM1 + 1)
#define FIFO_CONTROL (COM1 + 2)
#define LINE_CONTROL (COM1 + 3)
#define LINE_STATUS (COM1 + 5)

#define DIVISOR_ACCESS 0x80
#define EIGHT_BITS 0x03
#define CAN_SEND 0x20
#define HAS_DATA 0x01

void kvm_serial_init(void)
{
	uint16_t divisor = 115200 / CONFIG_KVM_SERIAL_BAUD;

	outb(INTERRUPT_ENABLE, 0);
	outb(LINE_CONTROL, DIVISOR_ACCESS);
	outb(DATA, (uint8_t)divisor);
	outb(INTERRUPT_ENABLE, (uint8_t)(divisor >> 8));
	outb(LINE_CONTROL, EIGHT_BITS);
	outb(FIFO_CONTROL, 0x07);
}

static void put(char c)
{
	while (!(inb(LINE_STATUS) & CAN_SEND))
		;
	outb(DATA, (uint8_t)c);
}

void ukplat_coutk(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (text[i] == '\n')
			put('\r');
		put(text[i]);
	}
}

int ukplat_cink(void)
{
	return inb(LINE_STATUS) & HAS_DATA ? inb(DATA) : -1;
}
