"""The front-end files of others are the ones we locked, and our own pages fetch nothing from anybody else."""

from __future__ import annotations

import importlib.util
import re
import shutil
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parent.parent
FOREIGN = {
    ".html": re.compile(r"""(?:src|href|action|poster|data)\s*=\s*["'](?:https?:)?//""", re.IGNORECASE),
    ".css": re.compile(r"""(?:url\(\s*["']?|@import\s+["'])(?:https?:)?//""", re.IGNORECASE),
    ".js": re.compile(r"""["'`](?:(?:https?|wss?):)?//[\w.]""", re.IGNORECASE),
}


def load_tool() -> ModuleType:
    """The maintainer's tool as a module; it is a script and stands in no package."""
    spec = importlib.util.spec_from_file_location("vendor_tool", ROOT / "tools" / "vendor.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


vendor = load_tool()


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the vendored files with their lock."""
    for name in ("vendor.toml", "vendor.lock.json"):
        shutil.copy(ROOT / name, tmp_path)
    shutil.copytree(ROOT / "static" / "vendor", tmp_path / "static" / "vendor")
    return tmp_path


def test_every_vendored_file_is_locked_and_unchanged() -> None:
    assert list(vendor.list_problems(ROOT)) == []


def test_a_changed_an_added_and_a_missing_file_are_noticed(copy: Path) -> None:
    folder = copy / "static" / "vendor" / "bootstrap-5.3.9"
    (folder / "bootstrap.min.css").write_text("body{}")
    (folder / "more.js").write_text("")
    (folder / "LICENSE").unlink()

    problems = list(vendor.list_problems(copy))

    assert problems == [
        "bootstrap-5.3.9/LICENSE: missing",
        "bootstrap-5.3.9/more.js: not in the lock",
        "bootstrap-5.3.9/bootstrap.min.css: changed since it was locked",
    ]


def test_a_package_that_is_wanted_but_not_locked_is_noticed(copy: Path) -> None:
    wanted = (copy / "vendor.toml").read_text(encoding="utf-8").replace("5.3.9", "5.3.10")
    (copy / "vendor.toml").write_text(wanted, encoding="utf-8")

    problems = list(vendor.list_problems(copy))

    assert problems == [
        "bootstrap-5.3.10: in vendor.toml only",
        "bootstrap-5.3.9: in vendor.lock.json only",
    ]


def test_the_service_worker_keeps_everything_the_kiosk_loads() -> None:
    kept = vendor.list_kept((ROOT / "static" / "sw.js").read_text(encoding="utf-8"))

    needed = [*ROOT.glob("static/js/kiosk/*.js"), ROOT / "static/css/kiosk.css"]
    vendored = ROOT.glob("static/vendor/zxing-wasm-*/**/*")
    needed += [path for path in vendored if path.suffix in (".js", ".wasm")]
    assert sorted(kept) == sorted(path.relative_to(ROOT).as_posix() for path in needed)


def test_the_service_worker_carries_the_fingerprint_of_what_it_keeps() -> None:
    assert vendor.stamped(ROOT) == vendor.fingerprint(ROOT), "run `python tools/vendor.py stamp`"


def test_our_own_pages_fetch_nothing_from_anybody_else() -> None:
    ours = [path for folder in ("static", "templates") for path in (ROOT / folder).rglob("*")]
    ours = [path for path in ours if path.suffix in FOREIGN and "vendor" not in path.parts]
    foreign = [
        f"{path.relative_to(ROOT)}: {found.group()}"
        for path in ours
        for found in FOREIGN[path.suffix].finditer(path.read_text(encoding="utf-8"))
    ]

    assert len(ours) > 15
    assert foreign == []


@pytest.mark.parametrize(
    ("suffix", "line"),
    [
        (".html", '<script src="https://cdn.example/x.js"></script>'),
        (".css", "@import '//fonts.example/x.css';"),
        (".css", "b{background:url( https://img.example/x.png)}"),
        (".js", 'import x from "https://cdn.example/x.js";'),
    ],
)
def test_a_foreign_address_is_recognised(suffix: str, line: str) -> None:
    assert FOREIGN[suffix].search(line)
