"""What settings of networks are checked for."""

from __future__ import annotations

from deepvein.core.errors import SettingsError


def require_positive(settings: object, *names: str) -> None:
    """SettingsError unless each of the fields is 1 or larger."""
    for name in names:
        if getattr(settings, name) < 1:
            raise SettingsError(f"{name} must be 1 or larger, got {getattr(settings, name)}")


def require_prior(prior: float | None) -> None:
    """SettingsError unless it is None or a probability that is neither 0 nor 1."""
    if prior is not None and not 0 < prior < 1:
        raise SettingsError(f"prior must lie between 0 and 1, got {prior}")


def require_rate(name: str, rate: float) -> None:
    """SettingsError unless it is 0 or larger and below 1."""
    if not 0 <= rate < 1:
        raise SettingsError(f"{name} must be 0 or larger and below 1, got {rate}")


def require_levels(name: str, given: tuple[tuple[int, ...], ...], levels: int, axes: int) -> None:
    """SettingsError unless empty or so many tuples with a positive number for each axis."""
    if given and (len(given) != levels or any(len(one) != axes or min(one) < 1 for one in given)):
        raise SettingsError(
            f"{name} must be empty or {levels} tuples of {axes} positive numbers, got {given}"
        )
