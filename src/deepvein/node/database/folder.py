"""Table of the one folder to which a database belongs."""

from __future__ import annotations

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from deepvein.node.database.columns import Base, Key


class FolderRow(Base):
    """The node's folder: the mark that lies in it, and where it was when it was first used.

    There is one row, of number 1.
    """

    __tablename__ = "folder"

    id: Mapped[Key]
    mark: Mapped[str] = mapped_column(String(64))
    place: Mapped[str] = mapped_column(String(512))
