#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Makes a manual page with docutils: section 3 from the C header's comments, the others from NAME.SECTION.rst here.

    make.py HEADER VERSION OUTPUT

OUTPUT's name says which page. docutils is used as a module: the name of its program rst2man differs between
distributions.
"""

import pathlib
import re
import sys
import textwrap

from docutils.core import publish_string
from docutils.writers import manpage

HERE = pathlib.Path(__file__).resolve().parent
# How a block of a comment starts, and its section. Another block belongs to the section of the block before it.
SECTIONS = {"@": "PARAMETERS", "Returns": "RETURN VALUE", "Errors": "ERRORS", "Example": ""}
PAGE = """\
.. SPDX-License-Identifier: LGPL-2.1-or-later

{bar}
{name}
{bar}
{rule}
{subtitle}
{rule}

:Version: virnetdevvf @VERSION@
:Manual section: 3
:Manual group: Library Functions Manual

LIBRARY
=======
SR-IOV virtual functions (*libvirnetdevvf*, *-lvirnetdevvf*)

SYNOPSIS
========
::

    #include <virnetdevvf.h>

{declaration}

{sections}
ATTRIBUTES
==========
MT-Safe. virnetdevvf(7) has the rules for all functions, and what "reported" means.

EXAMPLES
========
.. include:: examples/{name}.c
   :literal:
   :start-line: 1

SEE ALSO
========
{others}, virnetdevvf(7), rtnetlink(7)
"""


def text_of(comment):
    """A C comment without its border, as rst: parameters and errnos are the terms of a list."""
    text = re.sub(r"^ \* ?", "", comment, flags=re.MULTILINE)
    return re.sub(r"^( *)(@\w+|-E[-A-Z, ]+|Others): ", r"\1\\\2\n\1  ", text, flags=re.MULTILINE)


def page_3(header, name):
    """The page of a function."""
    functions = re.findall(r"/\*\*\n(.*?) \*/\n([^;/]*?(\w+)\([^;]*;)", header, re.DOTALL)
    comment, declaration, _ = next(function for function in functions if function[2] == name)
    summary, *blocks = text_of(comment).strip().split("\n\n")
    sections = {"DESCRIPTION": summary + "\n\n"}
    title = "DESCRIPTION"
    for block in blocks:
        title = next((title for start, title in SECTIONS.items() if block.lstrip("\\").startswith(start)), title)
        block = textwrap.dedent(block.removeprefix("Errors:\n")).replace("\\@", "")
        sections[title] = sections.get(title, "") + block + "\n\n"
    return PAGE.format(
        bar="=" * len(name),
        name=name,
        rule="-" * len(summary),
        subtitle=summary[0].lower() + summary[1:].rstrip("."),
        declaration=textwrap.indent(declaration, "    "),
        sections="".join(f"{title}\n{'=' * len(title)}\n{text}" for title, text in sections.items() if title),
        others=", ".join(f"{other}(3)" for _, _, other in functions if other != name),
    )


def main():
    path, version, output = sys.argv[1:]
    name, section = pathlib.Path(output).name.rsplit(".", 1)
    header, source = pathlib.Path(path).read_text("ascii"), HERE / f"{name}.{section}.rst"
    text = page_3(header, name) if section == "3" else source.read_text("ascii")
    rules = re.search(r"These rules hold for all functions:\n \*\n(.*?) \*/", header, re.DOTALL).group(1)
    text = text.replace("@VERSION@", version).replace("@RULES@", text_of(rules))
    text = re.sub(r"([\w.-]+)(?=\(\d?\))", r"**\1**\\ ", text)
    # A user's own settings of docutils are ignored, and a warning is an error.
    settings = {"_disable_config": True, "report_level": 2, "halt_level": 2, "output_encoding": "ascii"}
    page = publish_string(text, str(source), writer=manpage.Writer(), settings_overrides=settings)
    # A name is not hyphenated. docutils 0.22 writes "Name".
    page = re.sub(rb"^\.SH NAME$", b".nh\n.SH NAME", page, count=1, flags=re.MULTILINE | re.IGNORECASE)
    pathlib.Path(output).write_bytes(page)


if __name__ == "__main__":
    main()
