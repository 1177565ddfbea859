"""Keep the English catalogue true to the code: ``python -m tools.translations``.

Every Chinese sentence marked in code and templates stands in it once; new ones come in empty, those
that are gone leave. The compiled file is written beside it. A test holds both against the code.
"""

import io
from datetime import UTC, datetime
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "translations" / "en" / "LC_MESSAGES"
PO, MO = FOLDER / "messages.po", FOLDER / "messages.mo"
# The same content must give the same bytes on any day.
NO_DATE = datetime(2026, 1, 1, tzinfo=UTC)
METHODS = [("volunteer/**.py", "python"), ("templates/**.html", "jinja2")]
KEYWORDS = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2)}
OPTIONS = {"templates/**.html": {"encoding": "utf-8"}}


def find_sentences() -> list[str]:
    """Every sentence marked for translation, sorted."""
    found = extract_from_dir(ROOT, METHODS, OPTIONS, KEYWORDS)
    return sorted({message for _, _, message, _, _ in found if isinstance(message, str)})


def load() -> Catalog:
    """The English catalogue as it is."""
    with PO.open("rb") as file:
        return read_po(file, locale="en")


def build(known: dict[str, str]) -> Catalog:
    """A catalogue of all sentences with what is known of their English."""
    catalog = Catalog(
        creation_date=NO_DATE,
        revision_date=NO_DATE,
        locale="en",
        project="Volunteer Clock",
        header_comment="# English sentences.",
        fuzzy=False,
    )
    for sentence in find_sentences():
        catalog.add(sentence, known.get(sentence, ""))
    return catalog


def write(catalog: Catalog) -> tuple[bytes, bytes]:
    """The catalogue as text and compiled; the same bytes for the same content."""
    text, compiled = io.BytesIO(), io.BytesIO()
    write_po(text, catalog, width=120, sort_output=True, omit_header=True)
    write_mo(compiled, catalog)
    head = b'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
    return head + text.getvalue(), compiled.getvalue()


def missing(catalog: Catalog) -> list[str]:
    """The sentences without English."""
    return [str(message.id) for message in catalog if message.id and not message.string]


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    known = {str(one.id): str(one.string) for one in load() if one.id} if PO.exists() else {}
    catalog = build(known)
    text, compiled = write(catalog)
    PO.write_bytes(text)
    MO.write_bytes(compiled)
    for sentence in missing(catalog):
        print("no English yet:", sentence)
