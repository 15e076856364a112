"""Makes each system call of a request fail by strace's injection, and checks the result; TAP.

usage: faults.py FAULTY        FAULTY: the program from ctests/faults/faulty.c

A run without faults shows which calls a request makes, and how often; then each of them fails in turn.
"""
import concurrent.futures
import errno
import os
import pathlib
import re
import struct
import subprocess
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
import netlink
import tap

FAULTY = sys.argv[1]
CALLS = [
    "send", "mac", "mac-zero", "vlan-none", "vlan-0", "vlan-42", "config-none", "config-42", "config-no-mac", "get",
]
# The exchanges that only read the VF.
READS = {
    "vlan-none": {1}, "vlan-0": {1}, "vlan-42": {1}, "config-none": {0, 2}, "config-42": {0, 2}, "config-no-mac": {0},
    "get": {0},
}
TRACED = "socket,setsockopt,connect,sendmsg,recvfrom,poll,ppoll,close,getppid"

# The errnos of each call in its man page, and EPERM, which a security module may return.
ERRNOS = {
    "socket": "EACCES EAFNOSUPPORT EINVAL EMFILE ENFILE ENOBUFS ENOMEM EPROTONOSUPPORT EPERM",
    "setsockopt": "EBADF EFAULT EINVAL ENOPROTOOPT ENOTSOCK EPERM ENOMEM",
    "connect": "EACCES EPERM EADDRINUSE EADDRNOTAVAIL EAFNOSUPPORT EALREADY EBADF ECONNREFUSED EFAULT EINPROGRESS "
               "EISCONN ENETUNREACH ENOTSOCK EPROTOTYPE ETIMEDOUT",
    "sendmsg": "EACCES EAGAIN EALREADY EBADF ECONNRESET EDESTADDRREQ EFAULT EINTR EINVAL EISCONN EMSGSIZE ENOBUFS "
               "ENOMEM ENOTCONN ENOTSOCK EOPNOTSUPP EPIPE EPERM ECONNREFUSED",
    "recvfrom": "EAGAIN EBADF ECONNREFUSED EFAULT EINTR EINVAL ENOMEM ENOTCONN ENOTSOCK ENOBUFS EPERM",
    "close": "EBADF EINTR EIO ENOSPC EDQUOT",
}
POLL = "EFAULT EINTR EINVAL ENOMEM EPERM"
# Results that strace returns without the call: a request that was sent in part, an answer that nobody sent.
RETURNS = {"sendmsg": [0, 1, 31, 4000], "recvfrom": [0, 1, 15, 16, 19, 36, 4000]}


def run(who, call, faults):
    command = ["strace", "-f", "-qq", "-o", "/dev/fd/3", "-e", f"trace={TRACED}"]
    if who == "nobody":
        command += ["-u", "nobody"]
    for fault in faults:
        command += ["-e", f"inject={fault}"]
    read, write = os.pipe()
    # strace writes its log to this pipe.
    command[command.index("/dev/fd/3")] = f"/dev/fd/{write}"
    process = subprocess.Popen(["timeout", "60", *command, FAULTY, call], text=True, pass_fds=[write],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    os.close(write)
    with os.fdopen(read) as pipe:
        trace = pipe.read()
    out, err = process.communicate()
    if process.returncode != 0:
        return None, trace + err
    return tuple(int(number) for number in out.split()), trace


def calls_of(trace):
    """The calls between the marks, in order: the name, and the number of this call among all calls of that name."""
    seen, between, marks = {}, [], 0
    for name in re.findall(r"^(?:\d+ +)?(\w+)\(", trace, re.M):
        seen[name] = seen.get(name, 0) + 1
        if name == "getppid":
            marks += 1
        elif marks == 1:
            between.append((name, seen[name]))
    return between


class Baseline:
    def __init__(self, who, call):
        self.who, self.call = who, call
        self.outcome, trace = run(who, call, [])
        self.calls = calls_of(trace)
        self.lengths = [int(length) for length in re.findall(r"^(?:\d+ +)?recvfrom\(.* = (\d+)$", trace, re.M)]

    def expected(self, exchange, number):
        """The expected result if an exchange fails with this errno."""
        result, retry, _ = self.outcome
        if exchange in READS.get(self.call, ()) and self.call != "get":
            # The library then does not know what the VF has: a refusal stays, and nothing is restored.
            return result, retry
        # The library returns EACCES for its own EPERM: -EPERM is only for the kernel's answer.
        failure = -(errno.EACCES if number == errno.EPERM else number)
        # *allowRetry stays true only if the kernel refused a zero MAC.
        return failure, 0 if self.call.startswith(("mac", "config")) else retry


def cases(base):
    """Each fault: its name, what to inject, and what must follow: result, *allowRetry, descriptors left."""
    result, retry, _ = base.outcome
    exchange, harmless, received = -1, (result, retry, 0), 0
    for name, at in base.calls:
        exchange += name == "socket"
        received = received + (name == "recvfrom") if name != "socket" else 0
        place = f"{name} of exchange {exchange + 1}"
        for word in ERRNOS[name].split():
            fault, number = f"{name}:error={word}:when={at}", getattr(errno, word)
            if name == "close":
                # strace skips close(2): that descriptor stays open, and no other.
                expected = (result, retry, 1)
            elif name == "setsockopt" or word == "EINTR" or (name, word, received) == ("recvfrom", "EAGAIN", 1):
                expected = harmless
            else:
                expected = (*base.expected(exchange, number), 0)
            yield f"{place}: {word}", [fault], expected
        for value in RETURNS.get(name, []):
            # The library ignores an answer that nobody sent, and then reads the kernel's. If MSG_PEEK returned the
            # forged one, the library then removes the kernel's answer from the queue instead.
            forged = (*base.expected(exchange, errno.EBADMSG), 0) if exchange in READS.get(base.call, ()) else harmless
            expected = forged if name == "recvfrom" else (*base.expected(exchange, errno.EIO), 0)
            yield f"{place}: returns {value}", [f"{name}:retval={value}:when={at}"], expected
        # Only the first recvfrom waits: after MSG_PEEK, the answer is in the queue.
        if name == "recvfrom" and received == 1:
            late = f"recvfrom:error=EAGAIN:when={at}"
            for word in POLL.split():
                expected = harmless if word == "EINTR" else (*base.expected(exchange, getattr(errno, word)), 0)
                yield f"poll of exchange {exchange + 1}: {word}", [late, f"poll,ppoll:error={word}:when=1"], expected
            yield f"poll of exchange {exchange + 1}: nothing yet", [late, "poll,ppoll:retval=0:when=1"], harmless
        # The VF is in reset: the library sends the request again after a pause, also if a signal interrupts the pause.
        if name == "recvfrom" and exchange not in READS.get(base.call, ()):
            for number in (errno.EAGAIN, errno.EBUSY):
                header = netlink.message(netlink.ERROR, struct.pack("=i", -number), 0, base.lengths[at - 1],
                                         exchange + 1)
                answer = f"recvfrom:poke_exit=@arg2={header.hex()}:when={at}"
                title = f"{place}: the kernel answers {errno.errorcode[number]}"
                yield title, [answer], harmless
                yield f"{title}, and a signal comes", [answer, "poll,ppoll:error=EINTR:when=1"], harmless
                # If the pause fails, the library does not send the request again.
                yield (f"{title}, and the pause fails",
                       [answer, "poll,ppoll:error=ENOMEM:when=1"], (*base.expected(exchange, number), 0))
    # One call fails, and all later ones: the deadline ends this. One exchange is enough: each has its own deadline.
    for fault, number in [("sendmsg:error=EINTR", errno.ETIMEDOUT), ("recvfrom:error=EINTR", errno.ETIMEDOUT),
                          ("recvfrom:error=EAGAIN", errno.ETIMEDOUT), ("recvfrom:retval=36", errno.EBADMSG),
                          ("recvfrom:retval=0", errno.EBADMSG)] if base.call in ("vlan-none", "mac") else []:
        at = next(at for name, at in base.calls if name == fault.split(":")[0])
        yield f"for ever: {fault}", [f"{fault}:when={at}+"], (*base.expected(0, number), 0)


def judge(job):
    base, title, faults, expected = job
    outcome, trace = run(base.who, base.call, faults)
    # If strace did not inject the fault, the result proves nothing.
    marks = trace.count("(INJECTED)") + trace.count("error=-EAGAIN") + trace.count("error=-EBUSY")
    injected = marks >= len(faults)
    return base, title, outcome == expected and injected, f"expected {expected}, got {outcome}\n{trace}"


def main():
    total = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() * 2) as pool:
        for who in ["root", "nobody"] if os.geteuid() == 0 else ["this user"]:
            for call in CALLS:
                base = Baseline(who, call)
                jobs = [(base, *case) for case in cases(base)]
                bad = [(title, why) for _, title, holds, why in pool.map(judge, jobs) if not holds]
                # The call without a fault must be right too: the others are compared with it.
                good = base.outcome is not None and base.outcome[2] == 0 and len(jobs) > 50 and not bad
                tap.test(f"faults: {call} as {who}: {len(jobs)} faults; without a fault: {base.outcome}", good,
                         [f"{title}: {why}" for title, why in bad])
                total += len(jobs)
    print(f"# = {total} fault cases")

    for call in ["send", "vlan-none"]:
        out = subprocess.run([FAULTY, "signals", call, "10000"], capture_output=True, text=True, timeout=300).stdout
        differ, left, signals = (int(number) for number in out.split())
        holds = differ == 0 and left == 0 and signals > 100
        tap.test(f"faults: 10000 times {call}, with a signal every 100 microseconds", holds)
        print(f"# = 10000 requests, {signals} signals")
    tap.done_testing()


main()
