from __future__ import annotations

import ssl

import pytest

from deepvein.core.errors import UsageError
from deepvein.node.tls import client_context, server_context


def test_a_client_doubts_whoever_answers():
    context = client_context(None, None, None)
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname


def test_files_that_cannot_be_used_are_told(tmp_path):
    bad = tmp_path / "bad.pem"
    bad.write_text("nothing")
    for make in (
        lambda: server_context(tmp_path / "missing.pem", None, None, 1.0),
        lambda: server_context(bad, bad, None, 1.0),
        lambda: client_context(bad, None, None),
    ):
        with pytest.raises(UsageError, match=r"(missing|bad).pem.*give PEM files"):
            make()
