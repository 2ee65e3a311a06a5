from __future__ import annotations

import threading
import time

from deepvein.node.calling import prepare
from deepvein.node.pull_dicom import DicomSource
from deepvein.node.sender import DicomPeer, associate
from unit.node.archive import Archive
from unit.node.instances import image

CT = "1.2.840.10008.5.1.4.1.1.2"


class _LateToGoOn(threading.Event):
    """Whoever waits for it goes on a while after it was allowed to, as on a busy machine."""

    def wait(self, timeout: float | None = None) -> bool:
        found = super().wait(timeout)
        time.sleep(0.1)
        return found


def answers(association, monkeypatch) -> list[int | None]:
    """To two images, where pynetdicom's own thread looks for messages after the answer has come and before
    it is taken."""
    late, get = _LateToGoOn(), association.dimse.get_msg
    late.set()

    def get_late(block: bool = False):
        if block:
            time.sleep(0.3)
        return get(block=block)

    monkeypatch.setattr(association, "_reactor_checkpoint", late)
    time.sleep(0.05)  # it waits for the new one from now on
    monkeypatch.setattr(association.dimse, "get_msg", get_late)
    association.dimse_timeout = 2.0
    return [association.send_c_store(image(1, number)).get("Status") for number in (1, 2)]


def test_an_answer_reaches_who_asked(monkeypatch):
    with Archive() as archive:
        peer = DicomPeer("pacs", "127.0.0.1", archive.port, "ARCHIVE")
        association = associate(peer, [CT])
        try:
            assert answers(association, monkeypatch) == [0x0000, 0x0000]
        finally:
            association.abort()


def test_all_who_call_are_prepared(monkeypatch):
    """Senders, who ask for commitment with them, and who fetches."""
    import deepvein.node.pull_dicom
    import deepvein.node.sender

    prepared = []
    for module in (deepvein.node.sender, deepvein.node.pull_dicom):
        monkeypatch.setattr(module, "prepare", lambda event: prepared.append(prepare(event)))
    with Archive() as archive:
        associate(DicomPeer("pacs", "127.0.0.1", archive.port, "ARCHIVE"), [CT]).release()
        DicomSource("pacs", "127.0.0.1", archive.port, "ARCHIVE")._associate(CT).release()
    assert len(prepared) == 2
