"""Runs a program on a terminal of its own, and prints all that is shown there.

Usage: typing.py QUESTION ANSWERS PROGRAM WORD...
Each time QUESTION is shown, the next of ANSWERS is typed, which commas separate. ^C and ^D are keys.
"""

import os
import pty
import sys

question, answers, *argv = sys.argv[1:]
keys = {"^C": b"\x03", "^D": b"\x04"}
left = [keys.get(answer, answer.encode() + b"\n") for answer in answers.split(",")]

child, terminal = pty.fork()
if child == 0:
    os.execv(argv[0], argv)

seen = b""
answered = 0
while True:
    try:
        more = os.read(terminal, 65536)
    except OSError:
        break
    if not more:
        break
    seen += more
    if left and seen.count(question.encode()) > answered:
        answered += 1
        os.write(terminal, left.pop(0))
_, status = os.waitpid(child, 0)
sys.stdout.buffer.write(seen)
sys.exit(os.waitstatus_to_exitcode(status))
