"""The errors that users meet: one clear sentence each, with the offending value and what would work."""

from __future__ import annotations


class DeepveinError(Exception):
    """Base of every error that deepvein raises on purpose; `exit_code` is what the command line returns."""

    exit_code = 5


class UsageError(DeepveinError):
    """The call is wrong: an unknown name, a setting out of range, an extra that is not installed."""

    exit_code = 2


class SettingsError(UsageError):
    """A settings file or value does not fit its dataclass."""


class UnknownNameError(UsageError):
    """A name that a registry does not hold."""


class MissingExtraError(UsageError):
    """A feature needs an optional package that is not installed."""

    def __init__(self, feature: str, extra: str) -> None:
        super().__init__(f"{feature} needs an optional package: pip install 'deepvein[{extra}]'")


class InputError(DeepveinError):
    """The files that came in cannot be used."""

    exit_code = 3


class StudyError(InputError):
    """A study cannot be read: corrupt, incomplete, or not an image that can be screened."""


class GeometryError(InputError):
    """Geometry is missing, inconsistent or not a regular grid."""


class MaskError(InputError):
    """A mask does not belong to its image."""


class CohortError(InputError):
    """A cohort table or folder is inconsistent."""


class ModelError(InputError):
    """A model folder is damaged or does not fit the task."""


class EngineError(DeepveinError):
    """An engine cannot compute a network, or not as torch does; torch then does it, and says so."""


class NothingToScreenError(DeepveinError):
    """The input is readable but holds nothing that can be screened."""

    exit_code = 4


class ReportError(DeepveinError):
    """A study was screened, but not all of its reports could be written."""


class TrainingError(DeepveinError):
    """Training had to stop, for instance because the loss is no longer finite."""


class OutputError(DeepveinError):
    """Results cannot be written: the disk is full, or the place is not ours to write to."""

    exit_code = 6


class WorkerError(DeepveinError):
    """A process that worked for this one was ended from outside."""
