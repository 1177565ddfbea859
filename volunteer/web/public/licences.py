"""Third-party licences: what this software is made with, read from what is installed."""

import json
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.metadata import Distribution, PackageNotFoundError, distribution

from flask import Response, abort, render_template, send_from_directory
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
    parts = {"browser_parts": list_browser_parts(), "server_parts": list_server_parts()}
    return render_template("public/licences.html", **parts)


@public.get("/licences/<folder>/<name>")
def licence_text(folder: str, name: str) -> AnyResponse:
    """One licence text of a vendored part."""
    known = {(f"{part.name}-{part.version}", text) for part in list_browser_parts() for text in part.texts}
    if (folder, name) not in known:
        abort(404)
    return send_from_directory(VENDORED / folder, name, mimetype="text/plain; charset=utf-8")


@public.get("/licences/packages/<name>/<path:text>")
def package_licence_text(name: str, text: str) -> Response:
    """One licence text that a Python package brought along."""
    if not any(part.name == name and text in part.texts for part in list_server_parts()):
        abort(404)
    return Response(_read_text(distribution(name), text), mimetype="text/plain")


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
            tuple(sorted(name for name in entry["files"] if name.startswith(("LICENSE", "NOTICE")))),
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
        texts = [one for one in package.metadata.get_all("License-File") or [] if _read_text(package, one)]
        found[name] = Part(package.metadata["Name"], package.version, licence_of(package), texts=tuple(texts))
        waiting += [_name_of(line) for line in package.requires or [] if "extra ==" not in line]
    return sorted(found.values(), key=lambda part: part.name.lower())


def licence_of(package: Distribution) -> str:
    """The name of a package's licence: its expression, its short field, or its classifiers."""
    fields = package.metadata.json
    told = str(fields.get("license_expression") or fields.get("license") or "")
    if told and len(told) <= LONGEST_NAME and told.upper() != "UNKNOWN":
        return told
    classified = [
        line.rsplit(" :: ", 1)[1]
        for line in fields.get("classifier", [])
        if line.startswith("License :: OSI Approved :: ")
    ]
    return ", ".join(classified) or told.strip().partition("\n")[0][:LONGEST_NAME]


def _read_text(package: Distribution, name: str) -> str | None:
    """A licence file where PEP 639 puts it, or beside the metadata where older packages did."""
    return package.read_text(f"licenses/{name}") or package.read_text(name)


def _requirements() -> list[str]:
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    return [line for line in lines if not line.startswith(("#", "-"))]


def _name_of(line: str) -> str:
    match = NAME.match(line.strip())
    return re.sub(r"[-_.]+", "-", match[0]).lower() if match else ""
