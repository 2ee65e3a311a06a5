"""TLS as a server and as a client, from PEM files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from deepvein.core.errors import UsageError

if TYPE_CHECKING:
    import ssl


def server_context(
    certificate: Path, key: Path | None, ca: Path | None, silence_s: float
) -> ssl.SSLContext:
    """For a server; `ca`: whose certificates clients must show, None if they need none.

    silence_s: how long a client may keep silent while hands are shaken. UsageError for files that cannot be
    used.
    """
    import ssl

    class LateHandshake(ssl.SSLContext):
        """Shakes hands when the first byte is read, in the thread of the association.

        pynetdicom would do it where it opens the door, and a caller who says nothing would keep it shut.
        """

        def wrap_socket(self, sock: Any, *args: Any, **options: Any) -> ssl.SSLSocket:
            sock.settimeout(silence_s)
            options["do_handshake_on_connect"] = False
            return super().wrap_socket(sock, *args, **options)

    context = LateHandshake(ssl.PROTOCOL_TLS_SERVER)
    _load(context, certificate, key, ca)
    if ca is not None:
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def client_context(ca: Path | None, certificate: Path | None, key: Path | None) -> ssl.SSLContext:
    """For a client, which trusts `ca` in place of the system's authorities and shows its certificate if it
    has one. UsageError for files that cannot be used."""
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if ca is None:
        context.load_default_certs()
    _load(context, certificate, key, ca)
    return context


def _load(
    context: ssl.SSLContext, certificate: Path | None, key: Path | None, ca: Path | None
) -> None:
    try:
        if certificate is not None:
            context.load_cert_chain(certificate, key)
        if ca is not None:
            context.load_verify_locations(ca)
    except OSError as error:  # ssl.SSLError is one
        files = ", ".join(str(one) for one in (certificate, key, ca) if one is not None)
        raise UsageError(
            f"the certificates for TLS ({files}) cannot be used ({error.strerror or error}): give PEM files, "
            "the key that belongs to the certificate, and let the node's user read them"
        ) from error
