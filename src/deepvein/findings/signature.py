"""How a person signed a screening: who, when, and which documents it takes the place of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Predecessor:
    """A report in DICOM that a signed one follows: `name` is that of its file, such as `sr_thrombi.dcm`."""

    name: str
    sop_class_uid: str
    sop_instance_uid: str
    series_instance_uid: str
    study_instance_uid: str


@dataclass(frozen=True)
class Signature:
    """Under what a person put their name.

    uid: of the review, by which its documents differ from those of every other one. person: as a DICOM
    person name (family^given). organization: for which they act. signed: ISO 8601 with a time zone.
    """

    uid: str
    person: str
    organization: str
    signed: str
    predecessors: tuple[Predecessor, ...] = ()

    def predecessor(self, name: str) -> Predecessor | None:
        """The document of this file name that is followed, None if there is none."""
        return next((one for one in self.predecessors if one.name == name), None)
