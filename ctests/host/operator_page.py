"""The commands of docs/operator.md, as an operator copies them."""
import re


def commands(page, section, language="sh"):
    """The blocks of a section in this language, in their order."""
    sections = re.split(r"^## (.*)\n", page.read_text(), flags=re.M)
    for heading, text in zip(sections[1::2], sections[2::2]):
        if heading == section:
            return re.findall(rf"^```{language}\n(.*?)^```$", text, flags=re.M | re.S)
    raise SystemExit(f"host: {page} has no section '{section}'")
