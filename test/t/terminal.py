"""Runs a command on a terminal of its own and prints, as JSON, what it wrote there and how it ended.

terminal.py COLUMNS [--at PATTERN --resize COLUMNS | --at PATTERN --interrupt] -- COMMAND [ARGUMENT...]

As soon as what was written has the pattern, the terminal gets another width, or Ctrl-C is typed. The terminal is standard input, output and error of the command.
"""
import argparse
import fcntl
import json
import os
import pty
import re
import struct
import sys
import termios
import time


def set_columns(terminal, columns):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack('HHHH', 24, columns, 0, 0))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('columns', type=int)
    parser.add_argument('--at', type=str.encode)
    parser.add_argument('--resize', type=int)
    parser.add_argument('--interrupt', action='store_true')
    split = sys.argv.index('--')
    options = parser.parse_args(sys.argv[1:split])
    child, terminal = pty.fork()
    if child == 0:
        time.sleep(0.1)  # until the terminal has its size
        os.execvp(sys.argv[split + 1], sys.argv[split + 1:])
    set_columns(terminal, options.columns)

    written, waiting = b'', options.at is not None
    while True:
        try:
            chunk = os.read(terminal, 65536)
        except OSError:  # nobody has it open any more
            break
        if not chunk:
            break
        written += chunk
        if waiting and re.search(options.at, written):
            waiting = False
            if options.interrupt:
                os.write(terminal, b'\x03')
            else:
                set_columns(terminal, options.resize)
    status = os.waitpid(child, 0)[1]
    print(json.dumps({'written': written.decode(), 'exit': os.waitstatus_to_exitcode(status)}))


main()
