"""Runs a program on a terminal of its own, and prints all that it writes there.

Usage: terminal.py TEXT PIPE PROGRAM WORD...
Once TEXT is seen, the terminal is made narrower; once it was drawn again, PIPE is written to.
"""

import fcntl
import struct
import sys
import termios

from on_terminal import run

text, pipe, *argv = sys.argv[1:]
state = "waiting"
frames = 0


def resize(terminal, rows, columns):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def narrow(terminal, seen):
    global state, frames
    if state == "waiting" and text.encode() in seen:
        resize(terminal, 12, 90)
        frames = seen.count(b"\x1b[?2026l")
        state = "narrower"
    elif state == "narrower" and seen.count(b"\x1b[?2026l") > frames:
        with open(pipe, "w") as opened:
            opened.write("go\n")
        state = "going on"


run(argv, narrow, start=lambda: resize(0, 24, 110))
