"""Third-party licences: what this software is made with, read from what is installed."""

import json
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from flask import abort, render_template, send_from_directory
from werkzeug.wrappers import Response as AnyResponse

from volunteer.config import ROOT
from volunteer.web.public import public

VENDORED = ROOT / "static" / "vendor"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
# A licence field that holds the whole text instead of its name.
LONGEST_NAME = 60


@dataclass(frozen=True)
class Part:
    """One piece of somebody else's software; ``texts`` are licence files that can be opened."""

    name: str
    version: str
    licence: str
    used_for: str = ""
    texts: tuple[str, ...] = ()


@public.get("/licences")
def licences() -> str:
    """Names and licences of everything that others made."""
    return render_template("public/licences.html", browser_parts=list_browser_parts(), server_parts=list_server_parts())


@public.get("/licences/<folder>/<name>")
def licence_text(folder: str, name: str) -> AnyResponse:
    """One licence text of a vendored part."""
    if not any(folder == f"{part.name}-{part.version}" and name in part.texts for part in list_browser_parts()):
        abort(404)
    return send_from_directory(VENDORED / folder, name, mimetype="text/plain; charset=utf-8")


@cache
def list_browser_parts() -> list[Part]:
    """The vendored front-end files, from the lock file and the list it was made from."""
    lock = json.loads((ROOT / "vendor.lock.json").read_text())
    told = {
        f"{one['name']}-{one['version']}": one
        for one in tomllib.loads((ROOT / "vendor.toml").read_text())["packages"]
    }
    return [
        Part(
            told[folder]["name"],
            told[folder]["version"],
            entry["licence"],
            told[folder].get("used_for", ""),
            tuple(sorted(name for name in entry["files"] if Path(name).name.startswith(("LICENSE", "NOTICE")))),
        )
        for folder, entry in sorted(lock["packages"].items())
        if folder in told
    ]


@cache
def list_server_parts() -> list[Part]:
    """The Python packages named in requirements.txt and everything they need, by name."""
    found: dict[str, Part] = {}
    waiting = [name for line in _requirements() if (name := _name_of(line))]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        try:
            package = distribution(name)
        except PackageNotFoundError:  # needed on other platforms only
            continue
        found[name] = Part(package.metadata["Name"], package.version, licence_of(package))
        waiting += [_name_of(line) for line in package.requires or [] if "extra ==" not in line]
    return sorted(found.values(), key=lambda part: part.name.lower())


def licence_of(package: Distribution) -> str:
    """The name of a package's licence: its expression, its short field, or its classifiers."""
    told = package.metadata.get("License-Expression") or package.metadata.get("License") or ""
    if told and len(told) <= LONGEST_NAME and told.upper() != "UNKNOWN":
        return str(told)
    classified = [
        line.rsplit(" :: ", 1)[1]
        for line in package.metadata.get_all("Classifier") or []
        if line.startswith("License :: OSI Approved :: ")
    ]
    return ", ".join(classified) or str(told).strip().partition("\n")[0][:LONGEST_NAME]


def _requirements() -> list[str]:
    return [line for line in (ROOT / "requirements.txt").read_text().splitlines() if not line.startswith(("#", "-"))]


def _name_of(line: str) -> str:
    match = NAME.match(line.strip())
    return re.sub(r"[-_.]+", "-", match[0]).lower() if match else ""
