"""The file with the installation's signing key: made once, imported where there is one of an authority.

It lies in the instance folder, readable by this account alone, under a passphrase that derives
from the installation's secret.
"""

import hashlib
import os
import secrets
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from volunteer.domain.signatures import KeyFile, derive_passphrase, make_key_file, reseal


def key_path(folder: Path, passphrase: bytes) -> Path:
    """The key's file; it goes with the secret, so that installations that share a folder share no key."""
    return folder / f"signing-{hashlib.sha256(passphrase).hexdigest()[:12]}.p12"


def signing_folder(config: Mapping[str, Any], instance_path: str) -> Path:
    """Where the key is kept: as the setting says, or in the instance folder."""
    return Path(config.get("SIGNING_FOLDER") or instance_path)


def load_key(folder: Path, secret: str, name: str, now: datetime) -> KeyFile:
    """The installation's key; where there is none yet it is made, with ``name`` on its certificate."""
    passphrase = derive_passphrase(secret)
    path = key_path(folder, passphrase)
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        part = _write_beside(path, make_key_file(name, passphrase, now).content)
        try:
            # Complete or not at all, and once: where two processes start together, both use the first.
            os.link(part, path)
        except FileExistsError:
            pass
        finally:
            part.unlink()
    return KeyFile(path.read_bytes(), passphrase)


def import_key(folder: Path, secret: str, given: KeyFile) -> KeyFile:
    """Put a key and certificate of an authority in the place of the own one; what was signed stays signed."""
    kept = reseal(given, derive_passphrase(secret))
    folder.mkdir(parents=True, exist_ok=True)
    path = key_path(folder, kept.passphrase)
    os.replace(_write_beside(path, kept.content), path)
    return kept


def _write_beside(path: Path, content: bytes) -> Path:
    part = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    with open(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
        file.write(content)
    return part
