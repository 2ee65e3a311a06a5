"""Certificates as a hospital's own authority makes them, by OpenSSL, in a folder of the test."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from peers.programs import call

_AUTHORITY = """
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
"""
_PEER = """
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth, clientAuth
subjectAltName = IP:127.0.0.1
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
"""


@dataclass(frozen=True)
class Certificate:
    """PEM files of a certificate and its key."""

    certificate: Path
    key: Path


class Authority:
    """An authority called `name`, whose files lie in `folder`; `ca` is what others trust it by."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder / name
        self.folder.mkdir(parents=True)
        self._own = self._made(name, _AUTHORITY, issuer=None)
        self.ca = self._own.certificate

    def issue(self, name: str, days: int = 2) -> Certificate:
        """A certificate for 127.0.0.1, as server and as client; with days below 0 it has expired."""
        return self._made(name, _PEER, issuer=self._own, days=days)

    def _made(
        self, name: str, extensions: str, issuer: Certificate | None, days: int = 2
    ) -> Certificate:
        made = Certificate(self.folder / f"{name}.crt", self.folder / f"{name}.key")
        request, told = made.key.with_suffix(".csr"), made.key.with_suffix(".ext")
        told.write_text(extensions)
        call(
            "openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
            "-nodes", "-subj", f"/CN={name}", "-keyout", made.key, "-out", request,
        )  # fmt: skip
        by = ("-signkey", made.key) if issuer is None else (
            "-CA", issuer.certificate, "-CAkey", issuer.key, "-CAcreateserial",
        )  # fmt: skip
        call(
            "openssl", "x509", "-req", "-in", request, *by, "-days", str(days), "-extfile", told,
            "-out", made.certificate,
        )  # fmt: skip
        return made
