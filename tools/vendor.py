"""Vendored front-end files: fetch them (maintainers only) and check them (everyone, offline).

``vendor.toml`` says what is wanted, ``vendor.lock.json`` what was taken: the sha512 of every package
and the sha256 of every file. ``update`` needs npm and the network; ``check`` needs the standard library.
``stamp`` writes the fingerprint of the files that the kiosk keeps offline into its service worker: a
browser takes a changed page over only when the service worker itself changed.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
WORKER = Path("static/sw.js")
VERSION_LINE = re.compile(r'const VERSION = "([0-9a-f]{12})";')


@dataclass(frozen=True)
class Package:
    """One wanted package: ``files`` maps the path inside the package to the path in our folder."""

    name: str
    version: str
    licence: str
    files: dict[str, str]
    used_for: str = ""
    added: list[str] = field(default_factory=list)

    @property
    def folder(self) -> str:
        """The folder name under ``static/vendor``; it carries the version so that caches never mix two."""
        return f"{self.name}-{self.version}"


def read_wanted(root: Path = ROOT) -> list[Package]:
    """The packages that ``vendor.toml`` asks for."""
    with (root / "vendor.toml").open("rb") as file:
        return [Package(**entry) for entry in tomllib.load(file)["packages"]]


def read_lock(root: Path = ROOT) -> dict[str, Any]:
    """The lock by folder name; empty when there is none yet."""
    path = root / "vendor.lock.json"
    if not path.exists():
        return {}
    lock: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["packages"]
    return lock


def list_problems(root: Path = ROOT) -> Iterator[str]:
    """Every way in which the committed files differ from the lock or the lock from ``vendor.toml``."""
    wanted = {package.folder: package for package in read_wanted(root)}
    lock = read_lock(root)
    for folder in sorted(wanted.keys() ^ lock.keys()):
        yield f"{folder}: in {'vendor.toml' if folder in wanted else 'vendor.lock.json'} only"
    expected: dict[str, str] = {}
    for folder, entry in lock.items():
        expected |= {f"{folder}/{name}": digest for name, digest in entry["files"].items()}
        if package := wanted.get(folder):
            missing = {*package.files.values(), *package.added} - entry["files"].keys()
            yield from (f"{folder}/{name}: wanted, but not in the lock" for name in sorted(missing))
        if not any(name.startswith("LICENSE") for name in entry["files"]):
            yield f"{folder}: no licence file"
    vendor = root / "static" / "vendor"
    present = {path.relative_to(vendor).as_posix(): path for path in vendor.rglob("*") if path.is_file()}
    yield from (f"{name}: missing" for name in sorted(expected.keys() - present.keys()))
    yield from (f"{name}: not in the lock" for name in sorted(present.keys() - expected.keys()))
    for name in sorted(expected.keys() & present.keys()):
        if sha256(present[name].read_bytes()) != expected[name]:
            yield f"{name}: changed since it was locked"


def sha256(data: bytes) -> str:
    """Lower-case hex digest, as ``sha256sum`` prints it."""
    return hashlib.sha256(data).hexdigest()


def list_kept(worker: str) -> list[str]:
    """The paths, from ``static/`` on, that the service worker of that source text keeps offline."""
    return re.findall(r'"/(static/[^"]+)"', worker)


def fingerprint(root: Path = ROOT) -> str:
    """Twelve hex digits that change with the name or content of any file kept offline."""
    digest = hashlib.sha256()
    for path in list_kept((root / WORKER).read_text(encoding="utf-8")):
        digest.update(path.encode() + b"\0" + (root / path).read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def stamped(root: Path = ROOT) -> str:
    """The fingerprint that the service worker carries now."""
    found = VERSION_LINE.search((root / WORKER).read_text(encoding="utf-8"))
    return found.group(1) if found else ""


def stamp(root: Path = ROOT) -> None:
    """Write the fingerprint into the service worker."""
    source = (root / WORKER).read_text(encoding="utf-8")
    line = f'const VERSION = "{fingerprint(root)}";'
    (root / WORKER).write_text(VERSION_LINE.sub(line, source, count=1), encoding="utf-8")


def update(root: Path = ROOT) -> None:
    """Fetch every wanted package, replace ``static/vendor`` by it and write the lock.

    Refuses when a package is not the one its registry entry or the lock describes. Files that are
    kept by hand (``added``) are carried over from the folder of the version before.
    """
    vendor, lock = root / "static" / "vendor", read_lock(root)
    entries: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as scratch:
        fresh = Path(scratch) / "vendor"
        for package in read_wanted(root):
            integrity = lock.get(package.folder, {}).get("integrity")
            taken = fetch(package, Path(scratch), integrity)
            folder = fresh / package.folder
            unpack(package, taken, folder)
            keep_added(package, vendor, folder)
            entries[package.folder] = describe(package, taken, folder)
        shutil.rmtree(vendor, ignore_errors=True)
        shutil.copytree(fresh, vendor)
    text = json.dumps({"packages": entries}, indent=2, sort_keys=True, ensure_ascii=False)
    (root / "vendor.lock.json").write_text(text + "\n", encoding="utf-8")


def fetch(package: Package, scratch: Path, locked: str | None) -> Path:
    """The package file as npm delivers it; its sha512 must equal the published and the locked one."""
    name = f"{package.name}@{package.version}"
    published = json.loads(run_npm("view", name, "dist.integrity", "--json"))
    [packed] = json.loads(run_npm("pack", name, "--json", "--pack-destination", str(scratch)))
    path = scratch / str(packed["filename"])
    found = integrity_of(path.read_bytes())
    for source, wanted in (("published", published), ("locked", locked)):
        if wanted is not None and found != wanted:
            raise SystemExit(f"{name}: sha512 is not the {source} one")
    return path


def integrity_of(data: bytes) -> str:
    """The sha512 in the notation of subresource integrity."""
    return "sha512-" + base64.b64encode(hashlib.sha512(data).digest()).decode()


def run_npm(*words: str) -> str:
    """What npm printed; its own errors go to the terminal and end the program."""
    return subprocess.run(["npm", *words], check=True, stdout=subprocess.PIPE, text=True).stdout


def unpack(package: Package, archive: Path, folder: Path) -> None:
    """Copy only the wanted files out of the package."""
    with tarfile.open(archive) as tar:
        for inside, outside in package.files.items():
            member = tar.extractfile(f"package/{inside}")
            if member is None:
                raise SystemExit(f"{package.folder}: {inside} is not a file")
            target = folder / outside
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(member.read())


def keep_added(package: Package, vendor: Path, folder: Path) -> None:
    """Carry the files kept by hand over from the newest folder of the same package."""
    for name in package.added:
        found = sorted(vendor.glob(f"{package.name}-*/{name}"))
        if not found:
            raise SystemExit(f"{package.folder}: {name} must be put there by hand first")
        shutil.copyfile(found[-1], folder / name)


def describe(package: Package, archive: Path, folder: Path) -> dict[str, Any]:
    """The lock entry of one package."""
    found = [path for path in folder.rglob("*") if path.is_file()]
    files = {path.relative_to(folder).as_posix(): sha256(path.read_bytes()) for path in found}
    return {
        "integrity": integrity_of(archive.read_bytes()),
        "licence": package.licence,
        "files": files,
    }


def main() -> int:
    """``update`` fetches and locks, ``check`` compares, ``stamp`` seals the kiosk; 0 when all is well."""
    parser = argparse.ArgumentParser(description="Vendored front-end files.")
    parser.add_argument("command", choices=["update", "check", "stamp"])
    command = parser.parse_args().command
    if command == "update":
        update()
    if command in ("update", "stamp"):
        stamp()
    problems = list(list_problems())
    if stamped() != fingerprint():
        problems.append(f"{WORKER}: a file kept offline changed; run `python tools/vendor.py stamp`")
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
