"""Runs a program on a terminal of its own, and prints all that is shown there.

Usage: typing.py QUESTION ANSWERS PROGRAM WORD...
Each time QUESTION is shown, the next of ANSWERS is typed, which commas separate. ^C and ^D are keys.
"""

import os
import sys

from on_terminal import run

question, answers, *argv = sys.argv[1:]
keys = {"^C": b"\x03", "^D": b"\x04"}
typed = [keys.get(answer, answer.encode() + b"\n") for answer in answers.split(",")]
answered = 0


def answer(terminal, seen):
    global answered
    if answered < len(typed) and seen.count(question.encode()) > answered:
        os.write(terminal, typed[answered])
        answered += 1


run(argv, answer)
