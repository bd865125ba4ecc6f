"""Runs a program on a terminal of its own."""

import os
import pty
import sys


def run(argv, see, start=lambda: None):
    """Runs `argv`, prints all that it shows, and ends as it does.

    `see(terminal, seen)` hears of all that was shown so far, whenever there is more; `start()` is
    called where the program is to be, before it is.
    """
    child, terminal = pty.fork()
    if child == 0:
        start()
        os.execv(argv[0], argv)
    seen = b""
    while True:
        try:
            more = os.read(terminal, 65536)
        except OSError:
            break
        if not more:
            break
        seen += more
        see(terminal, seen)
    _, status = os.waitpid(child, 0)
    sys.stdout.buffer.write(seen)
    sys.exit(os.waitstatus_to_exitcode(status))
