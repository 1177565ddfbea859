"""The installation's own key for signing documents: made once, kept as PKCS#12 under a passphrase.

The certificate is self-signed: it says that the paper came from this installation and was not
changed since. A key and certificate from an authority can take its place.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from cryptography.x509.oid import NameOID

from volunteer.domain.certificates import SigningKeyUnreadable

KEY_BITS = 3072
# As long as records are kept, twice over.
VALID_FOR = timedelta(days=20 * 365)
LONGEST_COMMON_NAME = 64


@dataclass(frozen=True)
class KeyFile:
    """A PKCS#12 file and what opens it."""

    content: bytes
    passphrase: bytes

    @property
    def certificate(self) -> x509.Certificate:
        """The certificate that goes with the key, to be handed to whoever checks signatures."""
        return _open(self).cert.certificate  # type: ignore[union-attr]

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate, by which people compare it."""
        return self.certificate.fingerprint(SHA256()).hex().upper()


def derive_passphrase(secret: str) -> bytes:
    """What the key's file is kept under: without the installation's secret the file is worth nothing."""
    return HKDF(SHA256(), 32, salt=None, info=b"volunteer signing key").derive(secret.encode()).hex().encode()


def make_key_file(name: str, passphrase: bytes, now: datetime) -> KeyFile:
    """A new key with a self-signed certificate in this unit's name."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:LONGEST_COMMON_NAME])])
    usage = dict.fromkeys(
        ("key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign"), False
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + VALID_FOR)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=True,
                content_commitment=True,
                encipher_only=False,
                decipher_only=False,
                **usage,
            ),
            critical=True,
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, SHA256())
    )
    return KeyFile(_pack(key, certificate, [], passphrase), passphrase)


def reseal(given: KeyFile, passphrase: bytes) -> KeyFile:
    """The same key and certificates under another passphrase; refuses a file that holds no usable key."""
    opened = _open(given)
    if opened.cert is None or not isinstance(opened.key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise SigningKeyUnreadable()
    others = [one.certificate for one in opened.additional_certs]
    return KeyFile(_pack(opened.key, opened.cert.certificate, others, passphrase), passphrase)


def _open(file: KeyFile) -> pkcs12.PKCS12KeyAndCertificates:
    try:
        return pkcs12.load_pkcs12(file.content, file.passphrase or None)
    except ValueError:
        raise SigningKeyUnreadable() from None


def _pack(
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey,
    certificate: x509.Certificate,
    others: list[x509.Certificate],
    passphrase: bytes,
) -> bytes:
    return pkcs12.serialize_key_and_certificates(
        b"volunteer", key, certificate, others, BestAvailableEncryption(passphrase)
    )
