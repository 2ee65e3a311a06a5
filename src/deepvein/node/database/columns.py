"""Kinds of columns that SQLite and PostgreSQL hold alike, and the base of all tables."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any

from sqlalchemy import BigInteger, DateTime, Integer, MetaData, String, TypeDecorator
from sqlalchemy.orm import DeclarativeBase, mapped_column

if TYPE_CHECKING:
    from sqlalchemy.engine import Dialect


class Moment(TypeDecorator[datetime]):
    """A moment in UTC; SQLite knows no time zones, so that none is stored and UTC comes back."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """As it is stored."""
        del dialect
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """As it comes back."""
        del dialect
        return None if value is None else value.replace(tzinfo=UTC)


class Word(TypeDecorator[Any]):
    """A member of a StrEnum, stored as its value."""

    impl = String(16)
    cache_ok = True

    def __init__(self, kind: type[Enum]) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """As it is stored; ValueError for what is no member."""
        del dialect
        return None if value is None else str(self.kind(value).value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """As it comes back."""
        del dialect
        return None if value is None else self.kind(value)


Key = Annotated[
    int,
    # SQLite counts rows by itself only in a column that is called INTEGER.
    mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
]
Uid = Annotated[str, mapped_column(String(128))]


class Base(DeclarativeBase):
    """Base of all tables; constraints have names, by which migrations find them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


def now() -> datetime:
    """This moment in UTC."""
    return datetime.now(UTC)
