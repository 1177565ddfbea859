"""Draw docs/map.md from the code: a grid of nouns and layers, then each file with its first line.

``python -m tools.map`` writes it; a test holds it against the files.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "map.md"
LAYERS = {
    "web/public": "pages for everybody",
    "web/member": "pages for members",
    "web/admin": "pages for admins",
    "web/station": "the API for terminals",
    "web": "what all pages share",
    "cli": "commands",
    "services": "use cases, one transaction each",
    "writes": "writing that several use cases share",
    "queries": "looking up",
    "models": "tables",
    "domain": "rules",
    "drawing": "values in, pictures and documents out",
    "reading": "office files in, rows out",
    "demo": "the invented district, values only",
    "loading": "the invented district loaded, and its story told through the use cases",
}
GRID = ["domain", "models", "queries", "writes", "services", "web/station", "web/admin", "web/member", "cli"]

HEAD = """# Map

What kind of code is it: the folder. What is it about: the file. The same noun has the same file name in every layer, so a thing is
found in two steps. Imports go `web → services → writes → queries → models → domain`, never back, and pages do not write; a test holds them to it.
`cli`, `jobs`, `factory` and `serving` are wiring; `drawing` and `reading` know no database; `scanners` is a program of its own and shares no code with the server.

This page is drawn from the code by `make map`, and a test compares it.
"""


def draw() -> str:
    """The page as it should be now."""
    parts = [HEAD, "## Nouns and layers\n", *_grid(), "\n## The server\n", *_listing("volunteer")]
    for layer, what in LAYERS.items():
        parts += [f"\n### `volunteer/{layer}/`: {what}\n", *_listing(f"volunteer/{layer}")]
    parts += ["\n## The station terminal\n", *_listing("scanners")]
    parts += ["\n### `scanners/readers/`: one file a kind of reader\n", *_listing("scanners/readers")]
    return "\n".join(parts) + "\n"


def _grid() -> Iterator[str]:
    yield "| noun | " + " | ".join(GRID) + " |"
    yield "|---" * (len(GRID) + 1) + "|"
    nouns = {path.stem for layer in GRID for path in _files(f"volunteer/{layer}") if path.stem != "__init__"}
    for noun in sorted(nouns):
        cells = ["●" if (ROOT / "volunteer" / layer / f"{noun}.py").exists() else "" for layer in GRID]
        # A noun of one layer only is found in the listing.
        if cells.count("●") > 1:
            yield f"| {noun} | " + " | ".join(cells) + " |"


def _listing(folder: str) -> Iterator[str]:
    for path in _files(folder):
        yield f"- `{path.relative_to(ROOT)}`: {_first_line(path)}"


def _files(folder: str) -> list[Path]:
    found = sorted((ROOT / folder).glob("*.py"))
    return [path for path in found if path.name != "__init__.py" or path.stat().st_size > 300]


def _first_line(path: Path) -> str:
    return (ast.get_docstring(ast.parse(path.read_text())) or "").splitlines()[0]


if __name__ == "__main__":
    PAGE.write_text(draw())
