"""Certificates for the hosts of a model, made in memory: clients verify names as they would outside.

Programs inside trust the certificate authority of this process in addition to their own; their own contexts stay as
they are, because a connection is made with a copy.
"""

from __future__ import annotations

import datetime
import ipaddress
import os
import ssl
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from vpcsim.guest.context import current
from vpcsim.patches import Replacement

Names = Callable[[str], tuple[str, ...]]
_wrap_socket, _wrap_bio = ssl.SSLContext.wrap_socket, ssl.SSLContext.wrap_bio


def replacements() -> Iterator[Replacement]:
    """What stands in place of the methods of `ssl.SSLContext` that open a connection."""
    yield Replacement(ssl.SSLContext, "wrap_socket", wrap_socket)
    yield Replacement(ssl.SSLContext, "wrap_bio", wrap_bio)


def wrap_socket(self: ssl.SSLContext, sock: Any, server_side: bool = False, *arguments: Any, **options: Any) -> Any:
    context = self if server_side or current() is None else _trusting(self)
    return _wrap_socket(context, sock, server_side, *arguments, **options)


def wrap_bio(self: ssl.SSLContext, incoming: Any, outgoing: Any, server_side: bool = False, *rest: Any, **options: Any) -> Any:
    context = self if server_side or current() is None else _trusting(self)
    return _wrap_bio(context, incoming, outgoing, server_side, *rest, **options)


def _trusting(context: ssl.SSLContext) -> ssl.SSLContext:
    """A copy of a client's context that trusts the hosts of the model too."""
    if context.verify_mode == ssl.CERT_NONE:
        return context
    copy = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    copy.check_hostname = context.check_hostname
    copy.verify_mode, copy.verify_flags = context.verify_mode, context.verify_flags
    copy.options, copy.minimum_version = context.options, context.minimum_version
    known = b"".join(context.get_ca_certs(binary_form=True))
    if known:
        copy.load_verify_locations(cadata=known)
    copy.load_verify_locations(cadata=_authority().pem)
    return copy


def server_context(names: Names, host: str) -> ssl.SSLContext:
    """The context of a server whose certificate depends on the name that the client asks for."""
    context = _context(names(host))

    def choose(connection: Any, asked: str | None, _: ssl.SSLContext) -> None:
        if asked:
            connection.context = _context(names(asked))

    context.sni_callback = choose
    return context


def _context(names: tuple[str, ...]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "server.pem")
        with open(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600), "wb") as file:
            file.write(_issued(names))
        context.load_cert_chain(path)
    return context


@cache
def _issued(names: tuple[str, ...]) -> bytes:
    return _authority().issue(names)


class _Authority:
    """Signs certificates. Its key never leaves this process."""

    def __init__(self) -> None:
        from cryptography import x509
        from cryptography.hazmat.primitives.asymmetric import ec

        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "vpcsim")])
        constraints = x509.BasicConstraints(ca=True, path_length=0)
        usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
        builder = self.builder(self.name, self.key.public_key())
        builder = builder.add_extension(constraints, critical=True).add_extension(usage, critical=True)
        self.certificate = builder.sign(self.key, _sha256())

    @property
    def pem(self) -> str:
        return _pem(self.certificate).decode()

    def builder(self, subject: Any, key: Any) -> Any:
        from cryptography import x509

        now = datetime.datetime.now(datetime.UTC)
        builder = x509.CertificateBuilder().subject_name(subject).issuer_name(self.name).public_key(key)
        builder = builder.serial_number(x509.random_serial_number())
        builder = builder.not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=365))
        identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
        own = x509.SubjectKeyIdentifier.from_public_key(key)
        return builder.add_extension(identifier, critical=False).add_extension(own, critical=False)

    def issue(self, names: tuple[str, ...]) -> bytes:
        """A certificate for these names and addresses, and its key."""
        from cryptography import x509
        from cryptography.hazmat.primitives.asymmetric import ec

        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, names[0][:64])])
        entries = x509.SubjectAlternativeName([_entry(name) for name in names])
        builder = self.builder(subject, key.public_key()).add_extension(entries, critical=False)
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        return _pem(builder.sign(self.key, _sha256())) + _key_pem(key)


@cache
def _authority() -> _Authority:
    return _Authority()


def _entry(name: str) -> Any:
    from cryptography import x509

    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _sha256() -> Any:
    from cryptography.hazmat.primitives import hashes

    return hashes.SHA256()


def _pem(certificate: Any) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding

    return bytes(certificate.public_bytes(Encoding.PEM))


def _key_pem(key: Any) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    return bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
