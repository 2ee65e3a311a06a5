"""Fetching by QIDO-RS and WADO-RS."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deepvein.core.files import put
from deepvein.node.entrance import Entrance
from deepvein.node.intake import Arrived
from deepvein.node.pull import Found, SourceError
from deepvein.node.secret import read_secret
from deepvein.node.unreachable import why

if TYPE_CHECKING:
    from deepvein.node.database.database import Database
    from deepvein.node.store import Store

NAME = "pull"
"""With the source's name, of the folder where its files arrive, beside those of receivers."""

_STUDY, _SERIES, _UID, _MODALITY = "0020000D", "0020000E", "00080018", "00080060"


@dataclass(frozen=True)
class DicomwebSourceSettings:
    """An archive that answers QIDO-RS and WADO-RS.

    url: the service's root. authorization_file: holds the Authorization header. days: how far back studies
    are looked for. every_s: how often.
    """

    name: str
    url: str
    authorization_file: Path | None = None
    modalities: tuple[str, ...] = ("CT", "MR")
    days: int = 1
    every_s: float = 300.0
    timeout_s: float = 60.0


@dataclass(frozen=True)
class DicomwebSource:
    """One such archive, and where its instances go."""

    settings: DicomwebSourceSettings
    database: Database
    store: Store

    @property
    def name(self) -> str:
        """Its name in the settings."""
        return self.settings.name

    @property
    def days(self) -> int:
        """How far back."""
        return self.settings.days

    @property
    def every_s(self) -> float:
        """How often."""
        return self.settings.every_s

    def studies(self, dates: str) -> list[str]:
        """See `Source`."""
        found: dict[str, None] = {}
        for modality in self.settings.modalities:
            filters = {"StudyDate": dates, "ModalitiesInStudy": modality}
            answers = _asked(self._client().search_for_studies, search_filters=filters)
            found.update(dict.fromkeys(_value(one, _STUDY) for one in answers))
        return [uid for uid in found if uid]

    def instances(self, study_uid: str) -> list[Found]:
        """See `Source`."""
        found: list[Found] = []
        for series in _asked(self._client().search_for_series, study_uid):
            if _value(series, _MODALITY) not in self.settings.modalities:
                continue
            uid = _value(series, _SERIES)
            images = _asked(self._client().search_for_instances, study_uid, uid)
            found.extend((uid, _value(one, _UID)) for one in images)
        return [one for one in found if all(one)]

    def fetch(self, study_uid: str, instances: list[Found]) -> None:
        """See `Source`."""
        arriving = self._entrance.folder
        arriving.mkdir(parents=True, exist_ok=True)
        # What was fetched before this process was killed, and what is to be tried again.
        self._entrance.enter([Arrived(path, self.name) for path in sorted(arriving.glob("*.dcm"))])
        client = self._client()
        failed = ""
        for series, uid in instances:
            place = arriving / f"{uuid.uuid4().hex}.dcm"
            part = place.with_suffix(".part")
            try:
                dataset = _asked(client.retrieve_instance, study_uid, series, uid)
                dataset.save_as(part, enforce_file_format=True)
                put(part, place, private=True)
            except (SourceError, ValueError, AttributeError) as error:
                # One that it cannot give, or that cannot be written, must not keep the others from us.
                failed = str(error) or type(error).__name__
                continue
            finally:
                part.unlink(missing_ok=True)
            self._entrance.enter([Arrived(place, self.name)])
        if failed:
            raise SourceError(failed)

    @cached_property
    def _entrance(self) -> Entrance:
        return Entrance(f"{NAME} {self.name}", self.database, self.store)

    def _client(self) -> Any:
        from dicomweb_client.web import DICOMwebClient

        settings = self.settings
        headers = {}
        if settings.authorization_file is not None:
            headers["Authorization"] = read_secret(settings.authorization_file)
        client = DICOMwebClient(settings.url, headers=headers or None, timeout=settings.timeout_s)
        client.set_http_retry_params(retry=False)
        return client


def _asked(question: Callable[..., Any], *what: Any, **filters: Any) -> Any:
    from pydicom.errors import InvalidDicomError
    from requests import RequestException

    try:
        return question(*what, **filters)
    except RequestException as error:
        answered = (
            f"it answered {error.response.status_code}"
            if error.response is not None
            else why(error)
        )
        raise SourceError(answered) from error
    except (InvalidDicomError, ValueError, KeyError, EOFError) as error:
        raise SourceError(type(error).__name__) from error


def _value(item: dict[str, Any], tag: str) -> str:
    return str((item.get(tag, {}).get("Value") or [""])[0])
