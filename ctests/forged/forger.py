"""A child sends forged ACKs to the netlink sockets of this process without a pause, while this process makes requests
that the kernel refuses. No forged ACK may count as the answer. A socket that is not connected must receive forged ACKs:
that shows that the child works.

connect(2) binds the socket first. Until it returns, the socket receives from all senders. If the process is preempted
then, forged messages may fill the queue, the kernel's answer does not fit, and ENOBUFS is right (netlink(7)).

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
# The port of the first netlink socket of a process is the PID.
victim = os.getpid()
child = os.fork()
unconnected = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
if child == 0:
    # Sequence numbers start at 1, so the next one is easy to guess.
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
