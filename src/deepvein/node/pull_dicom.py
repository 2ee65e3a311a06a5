"""Fetching by C-FIND and C-MOVE: the archive sends to the node's own receiver."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from deepvein.node.calling import prepare
from deepvein.node.pull import Found, SourceError
from deepvein.node.unreachable import why

_FIND, _MOVE = "1.2.840.10008.5.1.4.1.2.2.1", "1.2.840.10008.5.1.4.1.2.2.2"
_PENDING = {0xFF00, 0xFF01}
_ONE_BY_ONE = 20
"""Up to so many missing instances are asked for one by one, more as a whole study."""


@dataclass(frozen=True)
class DicomSource:
    """An archive that answers C-FIND and C-MOVE.

    calling_ae: what the node calls itself there; move_to: the AE title under which the archive knows the
    node's receiver. days: how far back studies are looked for. every_s: how often. timeout_s: how long it may
    be silent. limit_s: after which an answer or a transfer is broken off that will never end.
    """

    name: str
    host: str
    port: int
    ae_title: str
    calling_ae: str = "DEEPVEIN"
    move_to: str = "DEEPVEIN"
    modalities: tuple[str, ...] = ("CT", "MR")
    days: int = 1
    every_s: float = 300.0
    timeout_s: float = 60.0
    limit_s: float = 3600.0

    def studies(self, dates: str) -> list[str]:
        """See `Source`."""
        found: dict[str, None] = {}
        for modality in self.modalities:
            answers = self._find(
                "STUDY", StudyDate=dates, ModalitiesInStudy=modality, StudyInstanceUID=""
            )
            found.update(dict.fromkeys(_uid(one, "StudyInstanceUID") for one in answers))
        return [uid for uid in found if uid]

    def instances(self, study_uid: str) -> list[Found]:
        """See `Source`."""
        found: list[Found] = []
        for series in self._find(
            "SERIES", StudyInstanceUID=study_uid, SeriesInstanceUID="", Modality=""
        ):
            if series.get("Modality") not in self.modalities:
                continue
            uid = _uid(series, "SeriesInstanceUID")
            if not uid:
                continue
            images = self._find(
                "IMAGE", StudyInstanceUID=study_uid, SeriesInstanceUID=uid, SOPInstanceUID=""
            )
            found.extend((uid, _uid(one, "SOPInstanceUID")) for one in images)
        return [one for one in found if all(one)]

    def fetch(self, study_uid: str, instances: list[Found]) -> None:
        """See `Source`; what the archive says about its success is not asked."""
        questions = [_question("STUDY", StudyInstanceUID=study_uid)]
        if len(instances) <= _ONE_BY_ONE:
            questions = [
                _question(
                    "IMAGE",
                    StudyInstanceUID=study_uid,
                    SeriesInstanceUID=series,
                    SOPInstanceUID=uid,
                )
                for series, uid in instances
            ]
        association = self._associate(_MOVE)
        try:
            for question in questions:
                answers = association.send_c_move(question, self.move_to, _MOVE)
                for _ in self._limited(association, answers):
                    pass
        except (ValueError, RuntimeError) as error:
            raise SourceError(str(error)) from error
        finally:
            if association.is_established:
                association.release()

    def _find(self, level: str, **keys: str) -> list[Any]:
        association = self._associate(_FIND)
        found = []
        try:
            answers = association.send_c_find(_question(level, **keys), _FIND)
            for status, answer in self._limited(association, answers):
                if status and status.Status in _PENDING:
                    if answer is not None:  # one that cannot be decoded
                        found.append(answer)
                elif not status or status.Status != 0x0000:
                    raise SourceError(f"{self.name} did not answer a question")
        except (ValueError, RuntimeError) as error:
            raise SourceError(str(error)) from error
        finally:
            if association.is_established:
                association.release()
        return found

    def _limited(self, association: Any, answers: Iterator[Any]) -> Iterator[Any]:
        """Answers as long as they may take together; then it breaks off, with SourceError."""
        end = time.monotonic() + self.limit_s
        for one in answers:
            if time.monotonic() > end:
                association.abort()
                raise SourceError(f"{self.name} did not come to an end")
            yield one

    def _associate(self, model: str) -> Any:
        from pynetdicom import AE, evt

        entity = AE(ae_title=self.calling_ae)
        entity.acse_timeout = entity.dimse_timeout = entity.network_timeout = self.timeout_s
        entity.connection_timeout = self.timeout_s
        entity.add_requested_context(model)
        try:
            association = entity.associate(
                self.host,
                self.port,
                ae_title=self.ae_title,
                evt_handlers=[(evt.EVT_CONN_OPEN, prepare)],
            )
        except OSError as error:  # a host that nobody knows
            raise SourceError(f"{self.name} could not be reached ({why(error)})") from error
        if association.is_rejected:
            reason = getattr(association.acceptor.primitive, "reason_str", "no reason given")
            raise SourceError(f"{self.name} rejected the association ({reason})")
        if not association.is_established:
            raise SourceError(f"{self.name} could not be reached")
        return association


def _uid(answer: Any, name: str) -> str:
    """A UID of an answer, empty where the archive gave none."""
    value = answer.get(name)
    return "" if value is None else str(value)


def _question(level: str, **keys: str) -> Any:
    from pydicom import Dataset

    made = Dataset()
    made.QueryRetrieveLevel = level
    for name, value in keys.items():
        setattr(made, name, value)
    return made
