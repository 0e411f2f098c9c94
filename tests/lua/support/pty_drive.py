"""pty_drive.py: runs a program on a terminal of its own and prints what it wrote there.

pty_drive.py ROWS COLUMNS ACROSS DOWN ANSWER PROGRAM [ARGUMENT...]: the terminal has that size (in
characters and pixels) and answers the question for its attributes (ESC [ c) with ANSWER, if any.
"""
import fcntl
import os
import pty
import select
import struct
import sys
import termios
import time

rows, columns, across, down = (int(a) for a in sys.argv[1:5])
answer, command = sys.argv[5].encode().decode("unicode_escape").encode(), sys.argv[6:]
pid, master = pty.fork()
if pid == 0:
    size = struct.pack("HHHH", rows, columns, across, down)
    fcntl.ioctl(0, termios.TIOCSWINSZ, size)
    os.execvp(command[0], command)
written = b""
limit = time.monotonic() + 600  # only a hang is ended
while time.monotonic() < limit:
    if not select.select([master], [], [], 1)[0]:
        continue
    try:
        piece = os.read(master, 65536)
    except OSError:  # the program has ended
        break
    if not piece:
        break
    if b"\033[c" in piece and answer:
        os.write(master, answer)
    written += piece
_, status = os.waitpid(pid, 0)
sys.stdout.buffer.write(written.replace(b"\r\n", b"\n"))
sys.exit(os.waitstatus_to_exitcode(status))
