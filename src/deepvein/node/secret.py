"""Secrets stand in files of their own, never in the settings, which people show one another."""

from __future__ import annotations

from pathlib import Path

from deepvein.core.errors import SettingsError


def read_secret(path: Path) -> str:
    """The first line of a file; SettingsError if it cannot be read or is empty."""
    try:
        secret = path.read_text(encoding="utf-8").partition("\n")[0].strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"the secret in {path} cannot be read: {error}") from error
    if not secret:
        raise SettingsError(f"{path} is empty: put the secret into its first line")
    return secret
