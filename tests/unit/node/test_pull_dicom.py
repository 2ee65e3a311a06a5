from __future__ import annotations

import itertools

import pytest
from pydicom import Dataset
from pynetdicom import AE, evt
from pynetdicom.sop_class import (
    StudyRootQueryRetrieveInformationModelFind,
    StudyRootQueryRetrieveInformationModelMove,
)

from deepvein.node.pull import SourceError
from deepvein.node.pull_dicom import DicomSource


def answer(**values) -> Dataset:
    made = Dataset()
    for name, value in values.items():
        setattr(made, name, value)
    return made


@pytest.fixture
def source(monkeypatch):
    """An archive some of whose answers lack what was asked for."""
    answers = {
        "STUDY": [answer(StudyInstanceUID="1.1"), answer(), answer(StudyInstanceUID="1.2")],
        "SERIES": [
            answer(SeriesInstanceUID="1.1.1", Modality="CT"),
            answer(Modality="CT"),
            answer(SeriesInstanceUID="1.1.2"),
        ],
        "IMAGE": [answer(SOPInstanceUID="1.1.1.1"), answer(InstanceNumber=2)],
    }
    monkeypatch.setattr(DicomSource, "_find", lambda self, level, **keys: answers[level])
    return DicomSource("pacs", "127.0.0.1", 1, "PACS")


def test_answers_that_lack_what_was_asked_for_are_passed_over(source):
    assert source.studies("20240101-20240102") == ["1.1", "1.2"]
    assert source.instances("1.1") == [("1.1.1", "1.1.1.1")]


def test_an_archive_that_never_comes_to_an_end_is_broken_off():
    """It always has another answer, and is never silent for long."""

    def found(event):
        for number in itertools.count():
            yield 0xFF00, answer(StudyInstanceUID=f"1.{number}")

    def moved(event):
        yield "127.0.0.1", 1
        yield 0xA701, None

    entity = AE(ae_title="PACS")
    entity.add_supported_context(StudyRootQueryRetrieveInformationModelFind)
    entity.add_supported_context(StudyRootQueryRetrieveInformationModelMove)
    handlers = [(evt.EVT_C_FIND, found), (evt.EVT_C_MOVE, moved)]
    server = entity.start_server(("127.0.0.1", 0), block=False, evt_handlers=handlers)
    try:
        port = server.server_address[1]
        source = DicomSource("pacs", "127.0.0.1", port, "PACS", limit_s=0.2)
        with pytest.raises(SourceError, match="did not come to an end"):
            source.studies("20240101-20240102")
        source.fetch("1.1", [("1.1.1", "1.1.1.1")])
    finally:
        server.shutdown()


def test_why_an_archive_cannot_be_asked_is_told():
    entity = AE(ae_title="PACS")
    entity.add_supported_context(StudyRootQueryRetrieveInformationModelFind)
    entity.require_calling_aet = ["SOMEBODY"]
    server = entity.start_server(("127.0.0.1", 0), block=False)
    try:
        port = server.server_address[1]
        for host, reason in (
            ("127.0.0.1", r"pacs rejected the association \(Calling AE title not recognised\)"),
            ("pacs.invalid", "pacs could not be reached"),
        ):
            with pytest.raises(SourceError, match=reason):
                DicomSource("pacs", host, port, "PACS").studies("20240101-20240102")
    finally:
        server.shutdown()
