from __future__ import annotations

import re
from pathlib import Path

import pytest

from deepvein.core.errors import SettingsError, UsageError
from deepvein.node.configuration import node_settings
from deepvein.node.receiver import Peer
from deepvein.node.states import Priority

PAGE = Path(__file__).parents[3] / "docs" / "node.md"


def test_a_folder_alone_is_enough(tmp_path):
    settings = node_settings(None, tmp_path)
    assert settings.folder == tmp_path
    assert settings.receiver.host == settings.web.host == "127.0.0.1"


def test_neither_folder_nor_file_is_told():
    with pytest.raises(UsageError, match="--folder"):
        node_settings(None, None)


def test_the_examples_of_the_docs_are_read(tmp_path):
    encrypted, proxied, example = re.findall(r"```toml\n(.*?)```", PAGE.read_text(), re.S)
    (tmp_path / "deepvein.toml").write_text(encrypted)
    settings = node_settings(None, tmp_path)
    assert settings.receiver.ca == settings.destinations.dicom[0].ca
    assert settings.web.certificate == settings.receiver.certificate
    (tmp_path / "deepvein.toml").write_text(proxied)
    assert node_settings(None, tmp_path).web.proxies == ("127.0.0.1",)
    (tmp_path / "deepvein.toml").write_text(example)
    settings = node_settings(None, tmp_path)
    assert settings.receiver.peers == (
        Peer("CT1", "10.1.2.3"),
        Peer("MR1", "10.1.3.0/24"),
        Peer("PACS"),
    )
    assert settings.rules[0].priority is Priority.STAT
    assert settings.destinations.names == ("pacs", "research", "worklist")


def test_a_folder_in_the_file_lies_beside_the_file(tmp_path):
    (tmp_path / "node.toml").write_text('folder = "data"')
    assert node_settings(tmp_path / "node.toml", None).folder == tmp_path / "data"
    assert node_settings(tmp_path / "node.toml", tmp_path / "x").folder == tmp_path / "x"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("folder = 'x'\nport = 1", "unknown key port"),
        ("folder = 'x'\n[receiver]\nport = 'y'", "expected a whole number"),
        ("folder = 'x'\n[[rules]]\npriority = 'now'", "stat, routine, off-peak"),
        ("folder", "cannot read settings"),
        (
            "folder = 'x'\n" + "[[destinations.dicomweb]]\nname = 'a'\nurl = 'http://b'\n" * 2,
            "several destinations are called a",
        ),
    ],
)
def test_what_does_not_fit_is_told(tmp_path, text, words):
    (tmp_path / "node.toml").write_text(text)
    with pytest.raises(SettingsError, match=words):
        node_settings(tmp_path / "node.toml", None)
