#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Compares docs/operator.md's section "Messages" with what the rows of the contract made the library report; TAP.

usage: messages.py NAME FILE TOP. FILE, which ctests/contract/contract.c writes, has lines of a row's name, a tab, and
its message.
"""

import os
import re
import sys

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import tap

LONGEST = 300
# What a placeholder in the page stands for.
PLACEHOLDERS = {
    "<interface>": r"(?:an interface without a name|\S+)",
    "<MAC>": r"(?:[0-9a-f]{2}:){5}[0-9a-f]{2}",
    "<words>": r"[ -~]+",
    "<number>": r"-?[0-9]+",
}
ERRNOS = "|".join(re.escape(os.strerror(errno)) for errno in range(1, 134))
# A text of the source's, and what it has in place of a value: `{name}`, `{}`, `{0}`.
SOURCE_TEXT = re.compile(r'#\[error\(\s*"((?:[^"\\]|\\.)*)"')
VALUE = re.compile(r"\\\{[a-z0-9]*\\\}")


def pattern(text):
    """The regular expression of a text with placeholders."""
    text = re.escape(text)
    for placeholder, meaning in PLACEHOLDERS.items():
        text = text.replace(re.escape(placeholder), meaning)
    if "<" in text:
        raise ValueError(f"no such placeholder: {text}")
    return text


def spans(cell):
    """The code in a cell or a paragraph."""
    return re.findall(r"`([^`]+)`", cell.replace("\n", " "))


class Page:
    """The section: its example, what fails, and the table's rows as (text, what to do, the contract's row)."""

    def __init__(self, page):
        section = page.split("\n## Messages\n")[1].split("\n## ")[0]
        self.failed = spans(section.split("\nWhat failed is one of:", 1)[1].split("\n\n", 1)[0])
        self.example = " ".join(line.strip() for line in section.splitlines() if line.startswith("    "))
        self.reasons, self.words, self.states = [], [], []
        for line in section.splitlines():
            if not line.startswith("| `"):
                continue
            texts, remedy, _, rows = re.split(r" ?(?<!\\)\| ?", line.strip("| "))
            texts, rows = spans(texts), spans(rows)
            if len(texts) != len(rows):
                raise ValueError(f"{len(texts)} texts and {len(rows)} rows of the contract in: {line}")
            for text, row in zip(texts, rows, strict=True):
                if text.startswith(";"):
                    self.states.append((text, row))
                elif text.startswith(" and says"):
                    self.words.append((text, row))
                else:
                    (do,) = spans(remedy)
                    self.reasons.append((text, do, row))

    def expressions(self):
        """Each thing that the section says of, its contract's row or None, and the expression of its messages."""
        refused = "the kernel refused it"
        failed = "|".join(map(pattern, self.failed))
        words = "|".join(pattern(text) for text, _ in self.words)
        vlan, mac = ("|".join(pattern(text) for text, _ in self.states if thing in text) for thing in ("VLAN", "MAC"))

        def whole(failed, reason, do, words, states):
            reason = pattern(reason).replace(re.escape(refused), re.escape(refused) + words, 1)
            return re.compile(rf"(?:{failed}): {reason}{states}\. {do}: (?:{ERRNOS})")

        of_vlan = "|".join(pattern(text) for text in self.failed if "the VLAN of" in text)
        no_socket = next(do for text, do, _ in self.reasons if text.startswith("no netlink socket"))
        anything = r".*"
        for text, do, row in self.reasons:
            # Only of a VLAN: at most one state of it, if it was refused, then at most one of the MAC, which is put back
            # if nothing was done.
            states = f"(?:{vlan})?(?:{mac})?" if text.startswith(refused) else f"(?:{mac})?" if do == no_socket else ""
            parts = (text, pattern(do), f"(?:{words})?")
            of_any = [] if "but set the MAC" in text else [whole(failed, *parts, "").pattern]
            yield f"{text}. {do}", row, re.compile("|".join([*of_any, whole(of_vlan, *parts, states).pattern]))
        for text in self.failed:
            yield text, None, re.compile(pattern(text) + r": .*")
        for text, row in self.words:
            yield text, row, whole(anything, refused, anything, pattern(text), anything)
        for text, row in self.states:
            yield text, row, whole(anything, "", anything, "", rf".*{pattern(text)}.*")


def test(name, wrong):
    """One result; `wrong` are the lines that say why it is red."""
    tap.test(name, not wrong, wrong)


def main():
    name, path, top = sys.argv[1:]

    def read(*parts):
        with open(os.path.join(*parts), encoding="utf-8") as file:
            return file.read()

    reported = [tuple(line.split("\t")) for line in read(path).splitlines()]
    page = Page(read(top, "docs", "operator.md"))
    known = list(page.expressions())
    reasons = known[: len(page.reasons)]

    messages = [*(message for _, message in reported), page.example]
    unknown = [message for message in messages if sum(bool(e.fullmatch(message)) for _, _, e in reasons) != 1]
    test(f"{name}: messages: operator.md has each message that a row of the contract makes", unknown)
    not_made = [
        f"{text}: {row or 'no row'}"
        for text, row, expression in known
        if not any(expression.fullmatch(message) for made_by, message in reported if row in (made_by, None))
    ]
    test(f"{name}: messages: the row that operator.md names makes the message", not_made)
    not_shown = []
    for source in ("src/error.rs", "src/report/message.rs"):
        texts = SOURCE_TEXT.findall(read(top, source))
        expressions = [re.compile(VALUE.sub(".*", re.escape(text))) for text in texts]
        not_shown += [
            f"{source}: {e.pattern}" for e in expressions if not any(e.search(message) for _, message in reported)
        ]
    test(f"{name}: messages: a row of the contract makes each text of the source", not_shown)
    too_long = [message for _, message in reported if len(message.encode()) > LONGEST]
    test(f"{name}: messages: none has more than {LONGEST} bytes", too_long or ([] if reported else ["there is none"]))
    tap.done_testing()


if __name__ == "__main__":
    main()
