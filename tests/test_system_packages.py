"""What the tests need from the system: installed where possible, and never a reason to stop."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT

SCRIPT = ROOT / "tests" / "install_system_packages.sh"
APT = """#!/bin/sh
echo "$@" >> {log}
case "$*" in *{failing}*) exit 100;; esac
"""


def run(folder: Path, failing: str, present: tuple[str, ...] = ()) -> tuple[str, str]:
    """What the script says and what it asked apt-get for, where one package cannot be had."""
    programs, log = folder / "bin", folder / "log"
    programs.mkdir()
    for name, text in {"apt-get": APT.format(log=log, failing=failing), "id": "#!/bin/sh\necho 0\n"}.items():
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
    for name in present:
        (programs / name).symlink_to("/bin/true")
    bash = shutil.which("bash") or "/bin/bash"
    done = subprocess.run(
        [bash, str(SCRIPT)], env={"PATH": str(programs)}, check=True, capture_output=True, text=True
    )
    return done.stdout, log.read_text()


@pytest.mark.parametrize("failing", ["libreoffice-calc", "chromium"])
def test_a_package_that_cannot_be_had_keeps_back_no_other(tmp_path: Path, failing: str) -> None:
    said, asked = run(tmp_path, failing)

    assert "--no-install-recommends chromium" in asked
    assert "--no-install-recommends libreoffice-calc" in asked
    assert said.splitlines()[-1].startswith(
        "Some tests will be skipped. To run them all: sudo apt-get install"
    )
    assert failing in said.splitlines()[-1]


def test_what_is_there_is_not_installed_again(tmp_path: Path) -> None:
    said, asked = run(tmp_path, "nothing", present=("soffice", "chromium", "pdftoppm", "initdb"))

    assert "libreoffice-calc" not in asked
    assert "chromium" not in asked
    assert "skipped" not in said
