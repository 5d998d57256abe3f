"""Runs a Python server module on a free port of the loopback, whatever address it would bind to.

Prints its address first; ends with its standard input. Usage: on_loopback.py MODULE [ARGUMENT ...]
"""
import os
import runpy
import socket
import sys
import threading

bind = socket.socket.bind


def bind_to_loopback(self, address):
    if self.family not in (socket.AF_INET, socket.AF_INET6):
        return bind(self, address)
    host = "::1" if self.family == socket.AF_INET6 else "127.0.0.1"
    bind(self, (host, 0))
    shown = f"[{host}]" if ":" in host else host
    os.write(announcement, f"http://{shown}:{self.getsockname()[1]}\n".encode())


def end_with_input():
    while os.read(0, 4096):
        pass
    os._exit(0)


# What the module prints goes to the error output, so that the first line is ours.
announcement = os.dup(1)
os.dup2(2, 1)
socket.socket.bind = bind_to_loopback
threading.Thread(target=end_with_input, daemon=True).start()
sys.argv = sys.argv[1:]
runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
