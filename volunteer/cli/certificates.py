"""Commands about certificates: the key that signs them."""

from pathlib import Path

import click
from flask import current_app

from volunteer.cli.asking import says_no
from volunteer.domain.signatures import KeyFile
from volunteer.services import signing


@click.command("import-signing-certificate")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--passphrase", envvar="VOLUNTEER_SIGNING_PASSPHRASE", prompt=True, hide_input=True)
@says_no
def import_signing_certificate(file: Path, passphrase: str) -> None:
    """Sign certificates with the key and certificate in a PKCS#12 file (.p12, .pfx) from now on."""
    folder = signing.signing_folder(current_app.config, current_app.instance_path)
    given = KeyFile(file.read_bytes(), passphrase.encode())
    kept = signing.import_key(folder, current_app.config["SECRET_KEY"], given)
    subject = kept.certificate.subject.rfc4514_string()
    click.echo(f"已启用签名证书 {subject}，有效至 {kept.certificate.not_valid_after_utc:%Y-%m-%d}")
    click.echo(f"SHA-256 {kept.fingerprint}")


COMMANDS = [import_signing_certificate]
