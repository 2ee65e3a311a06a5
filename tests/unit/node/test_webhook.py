from __future__ import annotations

import json
import time

import pytest

from deepvein.core.errors import SettingsError
from deepvein.node.parcel import Parcel
from deepvein.node.webhook import SIGNATURE, TIMESTAMP, Webhook, WebhookSettings, signature
from unit.node.test_dicomweb import server  # noqa: F401

PARCEL = Parcel(5, "1.2", "A1", "dvt", 0.9, 1, ())


@pytest.fixture
def hook(server, tmp_path):  # noqa: F811
    (tmp_path / "secret").write_text("hush\n")
    url = f"http://127.0.0.1:{server.server_address[1]}/results"
    return Webhook(WebhookSettings("app", url, tmp_path / "secret"))


def test_the_message_is_signed_so_that_only_who_knows_the_secret_can_make_it(hook, server):  # noqa: F811
    assert hook.send(PARCEL, lambda *_: None) == ""
    ((path, headers, body),) = server.requests
    assert path == "/results"
    assert abs(time.time() - int(headers[TIMESTAMP])) < 600
    assert headers[SIGNATURE] == signature("hush", headers[TIMESTAMP], body)
    assert headers[SIGNATURE] != signature("other", headers[TIMESTAMP], body)
    assert headers[SIGNATURE] != signature("hush", "0", body)
    assert json.loads(body)["result"] == 5
    assert json.loads(body)["accession_number"] == "A1"


def test_the_signature_is_hmac_sha_256():
    # Computed with: printf '1.{}' | openssl dgst -sha256 -hmac hush
    expected = "sha256=e5732bc2f3073c9bb56f6071cb8f2237ac9573aa69eb6635e22b57da36ba71b2"
    assert signature("hush", "1", b"{}") == expected


@pytest.mark.parametrize("status", [301, 400, 500])
def test_anything_but_a_yes_is_told(hook, server, status):  # noqa: F811
    server.answer = (status, b"")
    assert hook.send(PARCEL, lambda *_: None) == f"app answered {status}"


def test_a_secret_that_is_missing_is_told(hook, tmp_path):
    (tmp_path / "secret").write_text("")
    with pytest.raises(SettingsError, match="is empty"):
        hook.send(PARCEL, lambda *_: None)
