"""Who speaks in a derived DICOM object, and how it is called: the same study and model, the same UIDs."""

from __future__ import annotations

import hashlib
import uuid
from datetime import datetime
from typing import TYPE_CHECKING

from deepvein._version import __version__
from deepvein.findings.screening import Screening

if TYPE_CHECKING:
    from highdicom import AlgorithmIdentificationSequence, ContributingEquipment
    from highdicom.sr import ObserverContext
    from pydicom import Dataset

    from deepvein.inference.prediction import ModelIdentity

_NAMESPACE = uuid.UUID("b5b8a3a4-52f4-5e0c-8d0b-0f6c1d9b7f21")
_TEXT_LENGTH = 64
"""Characters that an LO holds."""


def uid_of(*names: str) -> str:
    """A UID that follows from names (DICOM PS3.5 B.2: a UUID under the root 2.25)."""
    return f"2.25.{uuid.uuid5(_NAMESPACE, '/'.join(names)).int}"


def result_uid(screening: Screening, *kind: str) -> str:
    """The UID of one series or object of a result.

    It follows from the study, its images, the models and what computed them, the operating point, the
    version of deepvein, who signed it if anybody did, and the kind of object, so that a rerun makes the
    same object, and another model, engine (which rounds otherwise) or review another one.
    """
    study, point = screening.study, screening.operating_point
    images = hashlib.sha256()
    for source in study.origin.sources:
        for frame in source.frames:
            images.update(f"{frame.sop_instance_uid}/{frame.number}\n".encode())
    return uid_of(
        __version__,
        study.identity.study_uid or study.name,
        images.hexdigest(),
        *_hashes(screening),
        *_engines(screening),
        f"{point.name} {point.threshold!r}",
        *(() if screening.signature is None else ("signed", screening.signature.uid)),
        *kind,
    )


def device_uid(screening: Screening) -> str:
    """The UID of the device that spoke, which is deepvein with these very weights."""
    return uid_of("device", __version__, *_hashes(screening))


def serial_number(screening: Screening) -> str:
    """Another model is another serial number."""
    hashes = _hashes(screening)
    return hashlib.sha256("".join(hashes).encode()).hexdigest()[:16] if hashes else __version__


def when(screening: Screening) -> datetime:
    """When the study was screened, or signed, in local time as the other times of a study are."""
    signature = screening.signature
    moment = screening.provenance.created if signature is None else signature.signed
    return datetime.fromisoformat(moment).astimezone()


def equipment(screening: Screening) -> ContributingEquipment:
    """The item that tells which software made the object (PS3.3 C.12.1.1.5)."""
    from highdicom import ContributingEquipment
    from pydicom.sr.codedict import codes

    item = ContributingEquipment(
        manufacturer="deepvein",
        purpose_of_reference=codes.DCM.ProcessingEquipment,
        manufacturer_model_name="deepvein",
        software_versions=__version__,
        device_serial_number=serial_number(screening),
    )
    item.DeviceUID = device_uid(screening)
    return item


def observer(screening: Screening) -> ObserverContext:
    """The device that observed, as content of reports names it (TID 1004)."""
    from highdicom.sr import DeviceObserverIdentifyingAttributes, ObserverContext
    from pydicom.sr.codedict import codes

    return ObserverContext(
        observer_type=codes.DCM.Device,
        observer_identifying_attributes=DeviceObserverIdentifyingAttributes(
            uid=device_uid(screening),
            name="deepvein",
            manufacturer_name="deepvein",
            model_name=f"deepvein {__version__}",
            serial_number=serial_number(screening),
        ),
    )


def reader(screening: Screening) -> ObserverContext | None:
    """The person who signed, as content of reports names them (TID 1003); None for nobody."""
    from highdicom.sr import ObserverContext, PersonObserverIdentifyingAttributes
    from pydicom.sr.codedict import codes

    signature = screening.signature
    if signature is None:
        return None
    return ObserverContext(
        observer_type=codes.DCM.Person,
        observer_identifying_attributes=PersonObserverIdentifyingAttributes(
            name=signature.person, organization_name=signature.organization
        ),
    )


def fix(derived: Dataset, screening: Screening, *kind: str) -> None:
    """Let an object that highdicom made follow from the screening alone: it takes times and UIDs of its
    own from the clock and from chance."""
    made = when(screening)
    derived.InstanceCreationDate, derived.InstanceCreationTime = f"{made:%Y%m%d}", f"{made:%H%M%S}"
    for item in derived.get("ContributingEquipmentSequence", ()):
        if "ContributionDateTime" in item:
            item.ContributionDateTime = f"{made:%Y%m%d%H%M%S}"
    dimensions = result_uid(screening, "dimensions", *kind)
    for name in ("DimensionOrganizationSequence", "DimensionIndexSequence"):
        for item in derived.get(name, ()):
            item.DimensionOrganizationUID = dimensions


def algorithm(
    models: tuple[ModelIdentity, ...], version: str = __version__
) -> AlgorithmIdentificationSequence:
    """The algorithm that spoke: deepvein with its models."""
    from highdicom import AlgorithmIdentificationSequence
    from pydicom.sr.codedict import codes

    names = ", ".join(f"{model.name} {model.version}" for model in models)
    return AlgorithmIdentificationSequence(
        name=short_text(f"deepvein {names}".strip()),
        family=codes.DCM.ArtificialIntelligence,
        version=short_text(version),
        source="deepvein",
    )


def short_text(text: str) -> str:
    """At most 64 characters of ASCII: old viewers do not all read UTF-8 labels."""
    plain = text.replace("–", "-").replace("…", "...").encode("ascii", "replace").decode()
    return plain[:_TEXT_LENGTH].rstrip()


def _hashes(screening: Screening) -> tuple[str, ...]:
    prediction = screening.prediction
    return () if prediction is None else tuple(model.sha256 for model in prediction.models)


def _engines(screening: Screening) -> tuple[str, ...]:
    prediction = screening.prediction
    return () if prediction is None else tuple(engine.name for engine in prediction.engines)
