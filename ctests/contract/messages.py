#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Compares the section "Messages" of docs/operator.md with the messages that the rows of the contract make; TAP.

usage: messages.py NAME FILE TOP. ctests/contract/contract.c writes FILE: for each message a line with the row's name, a
tab, and the message.
"""

import os
import re
import sys

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import tap

# What a placeholder in the page stands for.
PLACEHOLDERS = {
    "<interface>": r"(?:an interface without a name|\S+)",
    "<MAC>": r"(?:[0-9a-f]{2}:){5}[0-9a-f]{2}",
    "<words>": r"[ -~]+",
    "<number>": r"-?[0-9]+",
    "<protocol>": r"0x[0-9a-f]{4}",
}
ERRNOS = "|".join([r"errno [0-9]+", *(re.escape(os.strerror(errno)) for errno in range(1, 134))])
# Finds the texts in a source file; then the places of values in a text: `{name}`, `{}`, `{0}`.
SOURCE_TEXTS = {
    "src/error.rs": re.compile(r'#\[error\(\s*"((?:[^"\\]|\\.)*)"'),
    "src/report/message.rs": re.compile(r'#\[error\(\s*"((?:[^"\\]|\\.)*)"'),
    "src/report/cause.rs": re.compile(r'^[^/\n]*?"((?:[^"\\]|\\\n)*)"', re.MULTILINE),
}
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
    """The texts between backquotes in a cell or a paragraph."""
    return re.findall(r"`([^`]+)`", cell.replace("\n", " "))


class Page:
    """The section: its example, what can fail, and the table's rows as (text, what to do, row of the contract)."""

    def __init__(self, page, made_by):
        section = page.split("\n## Messages\n")[1].split("\n## ")[0]
        self.failed = spans(section.split("\nWhat failed is one of:", 1)[1].split("\n\n", 1)[0])
        self.example = " ".join(line.strip() for line in section.splitlines() if line.startswith("    "))
        self.reasons, self.words, self.states = [], [], []
        for line in section.splitlines():
            if not line.startswith("| `"):
                continue
            texts, remedy, _ = re.split(r" ?(?<!\\)\| ?", line.strip("| "))
            for text in spans(texts):
                row = made_by.pop(text, "no row")
                if text.startswith("; the kernel says"):
                    self.words.append((text, row))
                elif text.startswith(";"):
                    self.states.append((text, row))
                else:
                    self.reasons.append((text, spans(remedy), row))

    def expressions(self):
        """For each text of the section: the text, its row of the contract or None, the expression of its messages."""
        failed = "|".join(map(pattern, self.failed))
        of_vlan = "|".join(pattern(text) for text in self.failed if "the VLAN of" in text)
        words = "|".join(pattern(text) for text, _ in self.words)
        vlan, mac = ("|".join(pattern(text) for text, _ in self.states if thing in text) for thing in ("VLAN", "MAC"))

        def whole(failed, reason, do, states):
            return rf"(?:{failed}) \({reason}; (?:{do}){states}\): (?:{ERRNOS})"

        for text, remedies, row in self.reasons:
            # First the kernel's words; then one state of the VLAN at most, if the VLAN failed; then one of the MAC.
            reason, do = pattern(text), "|".join(map(pattern, remedies))
            of_any = whole(failed, reason, do, f"(?:{words})?(?:{mac})?")
            of_a_vlan = whole(of_vlan, reason, do, f"(?:{words})?(?:{vlan})?(?:{mac})?")
            yield text, row, re.compile(f"{of_any}|{of_a_vlan}")
        for text in self.failed:
            yield text, None, re.compile(pattern(text) + r" \(.*")
        for text, row in self.words + self.states:
            yield text, row, re.compile(whole(".*", ".*", "[^;]*", rf"(?:;.*)?{pattern(text)}(?:;.*)?"))


def test(name, wrong):
    """Prints one result. The lines of `wrong` say why it is red."""
    tap.test(name, not wrong, wrong)


def main():
    name, path, top = sys.argv[1:]

    def read(*parts):
        with open(os.path.join(*parts), encoding="utf-8") as file:
            return file.read()

    reported = [tuple(line.split("\t")) for line in read(path).splitlines()]
    lines = [line.split("\t") for line in read(top, "ctests/contract/messages.tsv").splitlines() if line[0] != "#"]
    made_by = {text: row for row, text in lines}
    page = Page(read(top, "docs", "operator.md"), made_by)
    test(f"{name}: messages: operator.md has each text of messages.tsv", list(made_by))
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
    test(f"{name}: messages: the row that messages.tsv names makes the message", not_made)
    not_shown = []
    for source, regex in SOURCE_TEXTS.items():
        texts = [re.sub(r"\\\n\s*", "", text) for text in regex.findall(read(top, source))]
        expressions = [re.compile(VALUE.sub(".*", re.escape(text))) for text in texts]
        not_shown += [
            f"{source}: {e.pattern}" for e in expressions if not any(e.search(message) for _, message in reported)
        ]
        not_shown += [] if texts else [f"{source} has no text"]
    test(f"{name}: messages: a row of the contract makes each text of the source", not_shown)
    tap.done_testing()


if __name__ == "__main__":
    main()
