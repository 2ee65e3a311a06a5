"""What a reader signs on the page arrives in the hospital's archive, and the page shows it again."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from pydicom import dcmread

from browser.site import log_in, open_page, open_study, shown, sign, stroke, wait_saved
from deepvein.node.delivery import Delivery, DeliverySettings
from deepvein.node.sender import DicomPeer
from deepvein.node.settings import DestinationSettings
from deepvein.node.store import Store
from peers.orthanc import Orthanc

pytestmark = pytest.mark.slow


def stored(archive: Orthanc) -> list[Any]:
    """The objects of the archive's only study."""
    (study,) = archive.get("/studies")
    return [
        dcmread(BytesIO(archive.read(f"/instances/{one['ID']}/file")))
        for one in archive.get(f"/studies/{study}/instances")
    ]


def test_what_was_signed_arrives_in_the_archive_and_opens_again(chromium, site, archive):
    page = open_page(chromium, site.address)
    log_in(page)
    open_study(page, site.first)
    page.keyboard.press("d")
    stroke(page)
    wait_saved(page)
    page.keyboard.press("a")
    page.locator(".finding.accepted").wait_for()
    sign(page)

    peer = DicomPeer("pacs", "127.0.0.1", archive.dicom_port, archive.aet)
    senders = DestinationSettings(dicom=(peer,)).senders()
    delivery = Delivery("d", site.database, Store(site.folder), senders, DeliverySettings())
    assert delivery.step()

    arrived = stored(archive)
    kinds = [
        segment.SegmentAlgorithmType
        for one in arrived
        if one.Modality == "SEG"
        for segment in one.SegmentSequence
    ]
    # The thrombus that was drawn on, beside the veins as the software found them.
    assert kinds.count("SEMIAUTOMATIC") == 1
    assert set(kinds) == {"SEMIAUTOMATIC", "AUTOMATIC"}
    reports = [one for one in arrived if one.Modality == "SR"]
    assert reports
    assert {one.VerificationFlag for one in reports} == {"VERIFIED"}
    assert {str(one.VerifyingObserverSequence[0].VerifyingObserverName) for one in reports} == {
        "Doe^Anna"
    }

    page.reload()
    shown(page)
    page.locator(".finding.accepted").wait_for()
    page.locator(".keeping").filter(has_text="signed by anna").wait_for()
    assert page.complaints == []
