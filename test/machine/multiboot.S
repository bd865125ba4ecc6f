// A kernel that says its command line on COM1, and ends as END says. Source: Multiboot 0.6.96.
  .text
  .align 4
  .long 0x1BADB002, 0, -0x1BADB002
  .globl _start
_start:
  mov 16(%ebx), %esi // The command line, of the information that the loader leaves at %ebx.
  call say
  mov $line_end, %esi
  call say
  END
halt:
  hlt
  jmp halt

say:
  mov $0x3f8, %dx
1:
  lodsb
  test %al, %al
  jz 2f
  outb %al, %dx
  jmp 1b
2:
  ret

line_end: .asciz "\r\n"
no_interrupts: .word 0; .long 0
