"""Rules about the code itself: who may import whom, what stands where, what names mean."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tools.map import PAGE, draw

# What each layer may import: those to its right in web -> services -> writes -> queries -> models -> domain,
# never to its left, and pages do not write.
READS = {"queries", "models", "domain", "db", "sets"}
ALLOWED = {
    "web": {"web", "services", "auditing", "drawing", "reading", "demo", "config"} | READS,
    "services": {"writes", "reading", "demo", "config"} | READS,
    "writes": {"writes"} | READS,
    "queries": READS,
    "models": {"models", "domain"},
    "domain": {"domain"},
    "drawing": {"drawing"},
    "reading": {"reading", "domain"},
    "demo": {"demo", "domain"},
}
WIRING = {
    "factory",
    "cli",
    "jobs",
    # The demo's district: it calls use cases as commands do, and pages never call it.
    "loading",
    "config",
    "db",
    "auditing",
    "capturing",
    "sets",
    "serving",
    "gunicorn",
    "prints",
    "imports",
    "verify_ledger",
}
FORBIDDEN_NAMES = {"utils", "util", "helpers", "common", "misc", "core", "manager"}
# What a layer may use from outside the standard library.
OUTSIDE = {
    "domain": {"chinese_calendar", "dateutil", "cryptography", "pypinyin", "argon2", "pyotp", "webauthn"},
    "models": {"sqlalchemy"},
    "queries": {"sqlalchemy"},
    "writes": {"sqlalchemy"},
    "services": {"sqlalchemy", "alembic", "orjson"},
    "drawing": {"qrcode", "PIL", "typst", "noto_cjk_sans_otc", "xlsxwriter", "pyhanko"},
}


def modules(package: str) -> Iterator[Path]:
    return (path for path in sorted((ROOT / package).rglob("*.py")))


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def layer_of(module: str) -> str:
    parts = module.split(".")
    return parts[1] if parts[0] == "volunteer" and len(parts) > 1 else ""


@pytest.mark.parametrize("path", list(modules("volunteer")), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_layer_imports_only_those_to_its_right(path: Path) -> None:
    layer = path.relative_to(ROOT / "volunteer").parts[0].removesuffix(".py")
    allowed = ALLOWED.get(layer)
    if allowed is None:
        assert layer in WIRING | {"__init__"}, f"{path} is in no layer"
        return
    found = {layer_of(module) for module in imports(path) if module.startswith("volunteer")} - {""}
    assert found <= allowed, f"{layer} must not import {found - allowed}"


@pytest.mark.parametrize("layer", sorted(OUTSIDE))
def test_a_layer_uses_only_its_own_libraries(layer: str) -> None:
    import sys

    for path in modules(f"volunteer/{layer}"):
        outside = (
            {module.split(".")[0] for module in imports(path)} - set(sys.stdlib_module_names) - {"volunteer"}
        )
        assert outside <= OUTSIDE[layer], path


def test_only_drawing_draws_and_only_one_file_reads_nfc() -> None:
    for path in [*modules("volunteer"), *modules("scanners")]:
        names = {module.split(".")[0] for module in imports(path)}
        if path.is_relative_to(ROOT / "volunteer") and "drawing" not in path.parts:
            assert not names & {"qrcode", "PIL", "typst"}, path
        if path != ROOT / "scanners/readers/nfc.py":
            assert "nfc" not in names, path


def test_terminals_share_no_code_with_the_server() -> None:
    for path in modules("scanners"):
        assert not any(
            module.split(".")[0] in ("volunteer", "flask", "sqlalchemy") for module in imports(path)
        ), path


def test_rules_and_use_cases_never_ask_the_clock() -> None:
    asking = re.compile(r"(datetime\.now|datetime\.utcnow|date\.today|time\.time)\(")
    for layer in ("domain", "models", "queries", "services", "drawing", "reading", "demo"):
        for path in modules(f"volunteer/{layer}"):
            assert not asking.search(path.read_text()), path


def test_nobody_takes_the_date_in_greenwich_for_today() -> None:
    """From midnight to eight in the morning it is still yesterday's date there."""
    in_greenwich = "now(UTC)" + ".date()"
    for package in ("volunteer", "scanners", "tests", "benchmarks", "tools"):
        for path in modules(package):
            assert in_greenwich not in path.read_text(), path


def test_the_commit_stands_in_one_place() -> None:
    for path in modules("volunteer"):
        if path.name != "db.py":
            assert ".commit()" not in path.read_text(), path


def test_no_module_has_a_name_that_says_nothing() -> None:
    for package in ("volunteer", "scanners", "tests", "benchmarks", "tools"):
        for path in modules(package):
            assert path.stem not in FORBIDDEN_NAMES, path


def _is_refusal(node: ast.stmt) -> bool:
    """A refusal says what it is in its sentence."""
    return isinstance(node, ast.ClassDef) and any(
        isinstance(one, ast.Assign) and getattr(one.targets[0], "id", "") == "msgid" for one in node.body
    )


def test_every_module_and_public_function_says_what_holds() -> None:
    missing = []
    for path in [*modules("volunteer"), *modules("scanners")]:
        tree = ast.parse(path.read_text())
        if path.stat().st_size and not ast.get_docstring(tree):
            missing.append(str(path))
        for node in tree.body:
            is_public = isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
            if is_public and not _is_refusal(node) and not ast.get_docstring(node):
                missing.append(f"{path}:{node.name}")
    assert missing == []


def test_the_map_is_true() -> None:
    assert PAGE.read_text() == draw(), "run: make map"


def test_the_project_names_no_foreign_host_at_run_time() -> None:
    foreign = re.compile(r"""(?:src|href|url)\s*[=(]\s*["']?(?:https?:)?//(?!localhost|127\.0\.0\.1)""")
    for path in [*(ROOT / "templates").rglob("*.html"), *(ROOT / "static/css").rglob("*.css")]:
        assert not foreign.search(path.read_text()), path


def test_requirements_of_the_terminal_are_the_same_versions() -> None:
    def pins(name: str) -> dict[str, str]:
        lines = (ROOT / name).read_text().splitlines()
        found = [re.match(r"([\w.-]+)(?:\[\w+\])?==([\w.]+)", line) for line in lines]
        return {match[1].lower(): match[2] for match in found if match}

    exact = pins("constraints.txt")
    for name in ("requirements.txt", "requirements-dev.txt", "scanners/requirements.txt"):
        for package, version in pins(name).items():
            assert exact.get(package) == version, f"{package} in {name}"
