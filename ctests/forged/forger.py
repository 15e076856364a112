"""Another process sends forged ACKs to this one's netlink sockets, without a pause, while it makes requests that the
kernel refuses. None of them may count as the answer. Then it does the same to a socket that is not connected, which
must receive them: that shows that the forger works.

connect(2) first binds the socket, then closes it to all other senders than the kernel. If the process is preempted in
between, forged messages may fill its queue, and the kernel's answer does not fit: ENOBUFS (netlink(7)) is right then.

usage: forger.py LIBRARY REQUESTS
"""
import contextlib
import ctypes
import errno
import os
import pathlib
import signal
import socket
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
import netlink

library, requests = ctypes.CDLL(sys.argv[1]), int(sys.argv[2])
# The kernel gives a process's first netlink socket the process's number as its port.
victim = os.getpid()
child = os.fork()
unconnected = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
if child == 0:
    # The next sequence number is easy to guess: they count from 1.
    acks = [netlink.message(netlink.ERROR, bytes(20), sequence=number) for number in range(60000)]
    while True:
        for ack in acks:
            with contextlib.suppress(OSError):
                unconnected.sendto(ack, socket.MSG_DONTWAIT, (victim, 0))
results = [library.virNetDevSetVfVlan(b"lo", 1, None) for _ in range(requests)]
unconnected.bind((0, 0))
forged = sum(unconnected.recvfrom(100)[1][0] != 0 for _ in range(1000))
os.kill(child, signal.SIGKILL)
lost = results.count(-errno.ENOBUFS)
wrong = requests - lost - results.count(-errno.EOPNOTSUPP)
print(f"{wrong} wrong answers, {lost} lost, {forged} forged messages on a socket that is not connected")
# More than a few lost answers are a fault.
sys.exit(wrong != 0 or lost > requests / 1000 or forged == 0)
