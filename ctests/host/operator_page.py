"""The commands of docs/operator.md, as an operator copies them."""
import re


def commands(page, section):
    """The shell blocks of a section, in their order."""
    sections = re.split(r"^## (.*)\n", page.read_text(), flags=re.M)
    for heading, text in zip(sections[1::2], sections[2::2]):
        if heading == section:
            return re.findall(r"^```sh\n(.*?)^```$", text, flags=re.M | re.S)
    raise SystemExit(f"host: {page} has no section '{section}'")
