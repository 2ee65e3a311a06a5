from __future__ import annotations

import pytest

from deepvein.core.errors import SettingsError
from deepvein.node.configuration import node_settings

PACS = "[[destinations.dicom]]\nname = 'pacs'\nhost = 'x'\nport = 104\nae_title = 'PACS'\n"
PULL = "[[pull.dicomweb]]\nname = 'a'\nurl = 'http://x'\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[receiver]\nport = 70000", "receiver.port is 70000"),
        ("[receiver]\nae_title = 'LONGER_THAN_16_LETTERS'", "receiver.ae_title is 'LONGER"),
        ("[receiver]\nae_title = '  '", "receiver.ae_title"),
        ("[receiver]\npeers = [{ae_title = 'CT1'}, {ae_title = 'A\\B'}]", r"receiver.peers\[1\].ae_title"),
        ("[receiver]\npeers = [{ae_title = 'CT1', address = 'ct1.hospital'}]", r"peers\[0\].address is 'ct1"),
        ("[receiver]\npeers = [{ae_title = 'CT1', address = '10.1.2.3/24'}]", r"peers\[0\].address is '10"),
        ("[web]\nproxies = ['10.1.2.3', 'proxy']", "web.proxies is .*: expected addresses or networks"),
        ("[receiver]\nkey = 'node.key'", "receiver.key stands without receiver.certificate"),
        ("[receiver]\nca = 'ca.crt'", "receiver.ca stands without receiver.certificate"),
        ("[web]\nkey = 'node.key'", "web.key stands without web.certificate"),
        (PACS + "ca = 'ca.crt'", r"destinations.dicom\[0\] has certificates, but is not encrypted"),
        ("[worker]\ndevice = 'gpu'", "worker.device is 'gpu': expected auto, cpu"),
        (PULL.replace("http://x", "http://"), r"pull.dicomweb\[0\].url is 'http://'"),
        ("[[rules]]\nmodality = 'CT'", r"expected a list, got 'CT' at rules\[0\].modality"),
        ("[receiver]\npeers = ['CT1']", "expected a table of ae_title, address, got 'CT1'"),
        ("[receiver]\nassociations = 0", "receiver.associations is 0: expected 1 or more"),
        ("[receiver]\nsilence_s = 0", "receiver.silence_s"),
        ("[receiver]\nname = ''", "receiver.name"),
        ("[completeness]\nquiet_s = -5", "completeness.quiet_s is -5.0"),
        ("[completeness]\nquiet_s = nan", "completeness.quiet_s is nan"),
        ("[completeness]\npatience_s = inf", "completeness.patience_s is inf"),
        ("[queue]\nlease_s = 0", "queue.lease_s"),
        ("[queue]\nattempts = 0", "queue.attempts"),
        ("[queue]\nquiet_hours = [20, 30]", r"queue.quiet_hours is \(20, 30\): expected hours"),
        ("[worker]\nprocesses = 0", "worker.processes"),
        ("[worker]\nlimit_s = 0", "worker.limit_s"),
        ("[delivery]\ngive_up_hours = -1", "delivery.give_up_hours"),
        ("[web]\nsession_hours = 0", "web.session_hours"),
        (PACS.replace("'PACS'", "'LONGER_THAN_16_LETTERS'"), r"destinations.dicom\[0\].ae_title"),
        (PACS.replace("'pacs'", f"'{'n' * 65}'"), r"destinations.dicom\[0\].name"),
        (PACS + "timeout_s = 0", r"destinations.dicom\[0\].timeout_s"),
        (PULL.replace("http://", ""), r"pull.dicomweb\[0\].url is 'x'"),
        (PULL + "days = 9999999", r"pull.dicomweb\[0\].days"),
        (PULL * 2, r"several archives of \[pull\] are called a"),
        ("[watch]\nfolder = 'NODE'", "lie in each other"),
        ("[watch]\nfolder = 'NODE/incoming'", "lie in each other"),
        ("[watch]\nfolder = 'NODE/..'", "lie in each other"),
    ],
)  # fmt: skip
def test_what_can_never_work_is_told_before_the_night(tmp_path, text, words):
    (tmp_path / "deepvein.toml").write_text(text.replace("NODE", str(tmp_path / "node")))
    with pytest.raises(SettingsError, match=words):
        node_settings(tmp_path / "deepvein.toml", tmp_path / "node")


def test_a_folder_that_is_no_path_is_told(tmp_path):
    (tmp_path / "deepvein.toml").write_text("folder = 3")
    with pytest.raises(SettingsError, match="folder is 3: expected a path"):
        node_settings(tmp_path / "deepvein.toml", None)


def test_everything_that_is_wrong_is_told_at_once(tmp_path):
    (tmp_path / "deepvein.toml").write_text("[receiver]\nport = -1\n[web]\nport = -2")
    with pytest.raises(SettingsError, match=r"receiver.port is -1.*; web.port is -2"):
        node_settings(None, tmp_path)


def test_what_may_work_is_left_alone(tmp_path):
    odd = (
        "[receiver]\npeers = [{ae_title = 'A'}, {ae_title = 'B', address = '10.1.0.0/16'},\n"
        "{ae_title = 'C', address = 'fe80::1'}]\n[web]\nproxies = ['127.0.0.1', '::1', '10.0.0.0/8']\n"
        "[worker]\nlimit_s = inf\ndevice = 'cuda:1'\n[queue]\n"
        "quiet_hours = [0, 24]\n[[rules]]\ncalling_ae = 'A*'\n"
        f"[watch]\nfolder = '{tmp_path / 'incoming'}'\n"
    )
    (tmp_path / "deepvein.toml").write_text(odd + PACS + PULL)
    settings = node_settings(tmp_path / "deepvein.toml", tmp_path / "node")
    assert settings.watch.folder == tmp_path / "incoming"


def test_a_byte_order_mark_of_an_editor_is_read_over(tmp_path):
    (tmp_path / "deepvein.toml").write_bytes(b"\xef\xbb\xbf[receiver]\nport = 104\n")
    assert node_settings(None, tmp_path).receiver.port == 104
