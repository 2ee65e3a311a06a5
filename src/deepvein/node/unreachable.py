"""Why a peer could not be reached, in words: those of the system, which libraries hide behind their own."""

from __future__ import annotations

import ssl


def why(error: BaseException) -> str:
    """The cause of a failed connection, without addresses or what was to be sent."""
    found = ""
    one: BaseException | None = error
    seen: set[int] = set()
    while one is not None and id(one) not in seen:
        seen.add(id(one))
        if isinstance(one, ssl.SSLCertVerificationError):
            return f"its certificate is not accepted: {one.verify_message}"
        if isinstance(one, ssl.SSLError):
            found = f"it speaks no TLS that we know: {(one.reason or '').replace('_', ' ').lower()}"
        elif isinstance(one, TimeoutError):
            found = "no answer in time"
        elif isinstance(one, OSError) and one.strerror:
            found = one.strerror
        one = one.__cause__ or one.__context__
    return found or (
        "no answer in time" if "Timeout" in type(error).__name__ else type(error).__name__
    )
