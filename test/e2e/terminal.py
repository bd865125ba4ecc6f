"""Runs a program on a terminal of its own, and prints all that it writes there.

Usage: terminal.py TEXT PIPE PROGRAM WORD...
Once TEXT is seen, the terminal is made narrower; once it was drawn again, PIPE is written to.
"""

import fcntl
import os
import pty
import struct
import sys
import termios

text, pipe, *argv = sys.argv[1:]


def resize(terminal, rows, columns):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


child, terminal = pty.fork()
if child == 0:
    resize(0, 24, 110)
    os.execv(argv[0], argv)

seen = b""
state = "waiting"
frames = 0
while True:
    try:
        more = os.read(terminal, 65536)
    except OSError:
        break
    if not more:
        break
    seen += more
    if state == "waiting" and text.encode() in seen:
        resize(terminal, 12, 90)
        frames = seen.count(b"\x1b[?2026l")
        state = "narrower"
    elif state == "narrower" and seen.count(b"\x1b[?2026l") > frames:
        with open(pipe, "w") as opened:
            opened.write("go\n")
        state = "going on"
_, status = os.waitpid(child, 0)
sys.stdout.buffer.write(seen)
sys.exit(os.waitstatus_to_exitcode(status))
