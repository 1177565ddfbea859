"""Imports: who sent which list, and its rows until seven days have passed."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from volunteer.domain.imports import ImportKind, ImportState, RowState
from volunteer.models.columns import Base, BigId, Digest, PrimaryKey, State, one_of


class Import(Base):
    """One uploaded list. ``admin_id`` is who sent it, and once it is written or taken back who did that: it
    is done with that admin's rights. ``team_id`` and ``scope`` are what it was judged with.

    The file and the rows are sealed and go after seven days; this line stays as the history.
    """

    __tablename__ = "imports"
    __table_args__ = (
        CheckConstraint(one_of("kind", ImportKind), name="kind"),
        CheckConstraint(one_of("state", ImportState), name="state"),
    )

    id: Mapped[PrimaryKey]
    kind: Mapped[State]
    state: Mapped[State]
    filename: Mapped[str] = mapped_column(String(200))
    admin_id: Mapped[int] = mapped_column(ForeignKey("admins.id"), index=True)
    # Everybody who sent it, changed a row, wrote it, or took it back; nobody is ever taken out.
    hand_ids: Mapped[Any] = mapped_column(JSON, default=list)
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"), index=True)
    scope: Mapped[Any] = mapped_column(JSON)
    sealed_file: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    # The first rows of each sheet, so that the file need not be read for every page.
    sealed_samples: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    # The chosen sheet, the rows its headings take, and the field chosen for each column.
    sheet: Mapped[str] = mapped_column(String(200), default="")
    first_row: Mapped[int] = mapped_column(default=0)
    matching: Mapped[Any] = mapped_column(JSON, default=dict)
    total: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    # When the process at work last wrote, so that one that died is noticed.
    worked_at: Mapped[datetime | None]
    # What came of it, kept when the rows are gone.
    counts: Mapped[Any] = mapped_column(JSON, default=dict)
    new_unit_ids: Mapped[Any] = mapped_column(JSON, default=list)
    created_at: Mapped[datetime] = mapped_column(index=True)
    written_at: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]

    def note_hand(self, admin_id: int) -> None:
        """Keep for ever that this admin had a hand in the list."""
        if admin_id not in self.hand_ids:
            self.hand_ids = [*self.hand_ids, admin_id]

    def was_written_by(self, admin_id: int) -> bool:
        """Whether it stands as this admin wrote it."""
        return self.state == ImportState.DONE and self.admin_id == admin_id


class ImportRow(Base):
    """One row of a list; what it says about a person stands sealed."""

    __tablename__ = "import_rows"
    __table_args__ = (
        CheckConstraint(one_of("state", RowState), name="state"),
        UniqueConstraint("import_id", "row"),
        Index("ix_import_rows_import_id_state", "import_id", "state", "rank", "row"),
        Index("ix_import_rows_import_id_key", "import_id", "key"),
        Index("ix_import_rows_import_id_id_hash", "import_id", "id_hash"),
    )

    id: Mapped[PrimaryKey]
    import_id: Mapped[int] = mapped_column(ForeignKey("imports.id"))
    row: Mapped[int]
    state: Mapped[State]
    rank: Mapped[int] = mapped_column(default=0)
    key: Mapped[str] = mapped_column(String(120), default="")
    id_hash: Mapped[Digest | None]
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    # What was written, and what stood there before.
    target_id: Mapped[int | None] = mapped_column(BigId)
    before: Mapped[Any | None] = mapped_column(JSON)
