"""A service of the host under test: runs the scripts that come over its second serial line.

A request is a line `ID SCRIPT`, its answer a line `ID STATUS OUTPUT`; script and output are in base64. After each start
it prints `ready`.
"""
import base64
import os
import subprocess
import tty

line = os.open("/dev/ttyS1", os.O_RDWR | os.O_NOCTTY)
tty.setraw(line)
requests = os.fdopen(os.dup(line), "rb")


def say(text):
    data = (text + "\n").encode()
    while data:
        data = data[os.write(line, data):]


say("ready")
for request in requests:
    words = request.split()
    if len(words) != 2:
        continue
    # As in a root shell, and in another process group than this service: processes that a script leaves behind stay.
    result = subprocess.run(["/bin/bash", "-c", base64.b64decode(words[1])], stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd="/root",
                            env={"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                                 "HOME": "/root", "LC_ALL": "C.UTF-8"})
    say(f"{words[0].decode()} {result.returncode} {base64.b64encode(result.stdout).decode()}")
