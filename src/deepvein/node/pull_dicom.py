"""Fetching by C-FIND and C-MOVE: the archive sends to the node's own receiver."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from deepvein.node.pull import Found, SourceError

_FIND, _MOVE = "1.2.840.10008.5.1.4.1.2.2.1", "1.2.840.10008.5.1.4.1.2.2.2"
_PENDING = {0xFF00, 0xFF01}
_ONE_BY_ONE = 20
"""Up to so many missing instances are asked for one by one, more as a whole study."""


@dataclass(frozen=True)
class DicomSource:
    """An archive that answers C-FIND and C-MOVE.

    calling_ae: what the node calls itself there; move_to: the AE title under which the archive knows the
    node's receiver. days: how far back studies are looked for. every_s: how often.
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

    def studies(self, dates: str) -> list[str]:
        """See `Source`."""
        found: dict[str, None] = {}
        for modality in self.modalities:
            answers = self._find(
                "STUDY", StudyDate=dates, ModalitiesInStudy=modality, StudyInstanceUID=""
            )
            found.update(dict.fromkeys(str(one.StudyInstanceUID) for one in answers))
        return list(found)

    def instances(self, study_uid: str) -> list[Found]:
        """See `Source`."""
        found: list[Found] = []
        for series in self._find(
            "SERIES", StudyInstanceUID=study_uid, SeriesInstanceUID="", Modality=""
        ):
            if series.get("Modality") not in self.modalities:
                continue
            uid = str(series.SeriesInstanceUID)
            images = self._find(
                "IMAGE", StudyInstanceUID=study_uid, SeriesInstanceUID=uid, SOPInstanceUID=""
            )
            found.extend((uid, str(one.SOPInstanceUID)) for one in images)
        return found

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
                for _ in association.send_c_move(question, self.move_to, _MOVE):
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
            for status, answer in association.send_c_find(_question(level, **keys), _FIND):
                if status and status.Status in _PENDING:
                    found.append(answer)
                elif not status or status.Status != 0x0000:
                    raise SourceError(f"{self.name} did not answer a question")
        except (ValueError, RuntimeError) as error:
            raise SourceError(str(error)) from error
        finally:
            if association.is_established:
                association.release()
        return found

    def _associate(self, model: str) -> Any:
        from pynetdicom import AE

        entity = AE(ae_title=self.calling_ae)
        entity.acse_timeout = entity.dimse_timeout = entity.network_timeout = self.timeout_s
        entity.connection_timeout = self.timeout_s
        entity.add_requested_context(model)
        association = entity.associate(self.host, self.port, ae_title=self.ae_title)
        if not association.is_established:
            raise SourceError(f"{self.name} could not be reached")
        return association


def _question(level: str, **keys: str) -> Any:
    from pydicom import Dataset

    made = Dataset()
    made.QueryRetrieveLevel = level
    for name, value in keys.items():
        setattr(made, name, value)
    return made
