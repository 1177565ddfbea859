"""The signing key: made once, readable by its owner alone, sealed by the secret, replaced by importing."""

import stat
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from threading import Barrier, Thread

import pytest
from click.testing import Result
from flask import Flask
from pyhanko.pdf_utils.reader import PdfFileReader

from tests.drawing.test_certificates import CODE, frozen
from volunteer.domain.certificates import SigningKeyUnreadable
from volunteer.domain.signatures import KeyFile, make_key_file, reseal
from volunteer.services.signing import import_key, key_path, load_key
from volunteer.web.certificates import draw_certificate

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def test_the_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    first, second = (load_key(tmp_path / "deep", "secret", "大队", NOW) for _ in range(2))

    assert first.content == second.content
    (file,) = (tmp_path / "deep").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert first.certificate.subject.rfc4514_string() == "CN=大队"
    assert b"PRIVATE" not in first.content


def test_processes_that_start_together_use_the_same_key(tmp_path: Path) -> None:
    barrier, found = Barrier(3), []

    def start() -> None:
        barrier.wait()
        found.append(load_key(tmp_path, "secret", "大队", NOW).content)

    threads = [Thread(target=start) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 3
    assert len(set(found)) == 1


def test_another_secret_has_another_key_and_does_not_open_the_first(tmp_path: Path) -> None:
    first, other = (load_key(tmp_path, secret, "大队", NOW) for secret in ("secret", "another"))

    assert first.fingerprint != other.fingerprint
    with pytest.raises(SigningKeyUnreadable):
        _ = KeyFile(first.content, other.passphrase).certificate


def test_an_imported_key_takes_the_place_of_the_own_one(tmp_path: Path) -> None:
    own = load_key(tmp_path, "secret", "大队", NOW)
    given = make_key_file("机关工委", b"their passphrase", NOW)

    import_key(tmp_path, "secret", given)

    kept = load_key(tmp_path, "secret", "大队", NOW)
    assert kept.fingerprint == given.fingerprint != own.fingerprint
    assert {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()} == {0o600}


@pytest.mark.parametrize("content", [b"", b"no pkcs12", make_key_file("x", b"right", NOW).content])
def test_a_file_that_does_not_open_is_refused_and_the_old_key_stays(tmp_path: Path, content: bytes) -> None:
    own = load_key(tmp_path, "secret", "大队", NOW)

    with pytest.raises(SigningKeyUnreadable):
        import_key(tmp_path, "secret", KeyFile(content, b"wrong"))

    assert load_key(tmp_path, "secret", "大队", NOW).content == own.content


def run(app: Flask, path: Path, passphrase: str) -> Result:
    arguments = ["import-signing-certificate", str(path), "--passphrase", passphrase]
    return app.test_cli_runner().invoke(args=arguments)


def test_the_command_imports_and_what_is_drawn_then_carries_the_new_name(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "SIGNING_FOLDER", tmp_path / "keys")
    file = tmp_path / "unit.p12"
    file.write_bytes(make_key_file("机关工委", b"their passphrase", NOW).content)

    wrong = run(app, file, "nonsense")
    right = run(app, file, "their passphrase")

    assert (wrong.exit_code, "打不开" in wrong.output) == (1, True)
    assert (right.exit_code, "CN=机关工委" in right.output) == (0, True)
    (signature,) = PdfFileReader(BytesIO(draw_certificate(frozen(), CODE))).embedded_signatures
    assert signature.signer_cert.subject.native == {"common_name": "机关工委"}


def test_a_key_file_that_was_damaged_is_said_in_words(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "SIGNING_FOLDER", tmp_path)
    key = load_key(tmp_path, app.config["SECRET_KEY"], "大队", NOW)
    key_path(tmp_path, key.passphrase).write_bytes(key.content[:100])

    with pytest.raises(SigningKeyUnreadable):
        draw_certificate(frozen(), CODE)


def test_resealing_keeps_the_chain_of_an_authority() -> None:
    given = make_key_file("机关工委", b"one", NOW)

    assert reseal(given, b"two").fingerprint == given.fingerprint
