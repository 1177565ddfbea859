"""Importing admins: accounts with start passwords that are told once, each appointed to a team."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, tzinfo

from sqlalchemy import delete

from volunteer.db import db
from volunteer.domain.admin_rows import ADMINS, AdminField, KnownAdmin, judge_admin, settle_admin
from volunteer.domain.admins import list_givable_roles, make_start_password
from volunteer.domain.imports import Reach, RowState, StagedRow
from volunteer.domain.member_imports import TeamChoice, team_finder
from volunteer.domain.passwords import hash_password
from volunteer.domain.refusals import N_, Sentence
from volunteer.domain.roles import Role
from volunteer.models.admins import Appointment
from volunteer.models.members import Admin
from volunteer.queries.admins import find_appointing_standing
from volunteer.queries.imports import find_references, list_known_admins
from volunteer.queries.teams import list_teams


class AdminLists:
    """Lists of admins for the imports of the pages; ``by_id`` appoints them, as far as may be then."""

    vocabulary = ADMINS
    at_once = 20
    needs_all = False
    tells_all = False

    def __init__(self, zone: tzinfo, by_id: int | None = None) -> None:
        self.zone, self.by_id = zone, by_id
        self._hashes: dict[int, str] = {}

    def judge(self, row: StagedRow, columns: frozenset[str], today: date) -> None:
        """Fill values, repairs and reasons from the row's own cells."""
        judge_admin(row, AdminField.TEAM in columns)

    def repetition(self, row: StagedRow, other: StagedRow) -> Sentence:
        """Why the row cannot stand next to the other one."""
        params: dict[str, str | int] = {"username": row.key, "row": other.row}
        return Sentence(N_("用户名 %(username)s 与第 %(row)s 行重复。"), params)

    def settle(self, rows: Sequence[StagedRow], reach: Reach) -> None:
        """Compare rows with the teams and admins there are."""
        self._settle(rows, reach)

    def list_new(self, rows: Iterable[StagedRow]) -> dict[str, list[str]]:
        """Nothing comes with an admin."""
        return {}

    def prepare(self, rows: Sequence[StagedRow]) -> None:
        """Make start passwords and their slow digests before the transaction."""
        for row in rows:
            row.secret = make_start_password()
            self._hashes[row.row] = hash_password(row.secret)

    def write(self, rows: Sequence[StagedRow], reach: Reach, now: datetime) -> list[int]:
        """Open the accounts and appoint; who is there already stays as they are."""
        teams = self._settle(rows, self._reach_now(reach, now))
        for row in rows:
            team_id, digest = teams.get(row.row), self._hashes.pop(row.row)
            if not row.is_good or team_id is None:
                row.state, row.secret = RowState.REJECTED, ""
            elif row.target_id is None:
                admin = Admin(
                    username=row.key,
                    name=row.values[AdminField.NAME],
                    team_id=team_id,
                    password_hash=digest,
                    start_hash=digest,
                    created_at=now,
                    appointments=[self._appointment(team_id, now)],
                )
                db.session.add(admin)
                db.session.flush()
                row.state, row.target_id = RowState.ADDED, admin.id
            else:
                row.state, row.secret = RowState.UNCHANGED, ""
        return []

    def undo(self, rows: Sequence[StagedRow], written_at: datetime, now: datetime) -> None:
        """Remove accounts that were opened and never used."""
        ids = [row.target_id for row in rows if row.target_id is not None]
        admins = {one.id: one for one in list_known_admins(ids=ids)}
        references = find_references("admins", ids)
        for row in rows:
            admin = admins.get(row.target_id or 0)
            used = references.get(row.target_id or 0, set()) - {"appointments"}
            is_used = admin is not None and (used or admin.has_own_password or admin.appointments != 1)
            if is_used:
                row.state = RowState.KEPT
                row.reasons = [Sentence(N_("这个账号已经用过或又有变动，予以保留。"))]
                continue
            row.state = RowState.UNDONE
            db.session.execute(delete(Appointment).where(Appointment.admin_id == row.target_id))
            db.session.execute(delete(Admin).where(Admin.id == row.target_id))

    def _settle(self, rows: Sequence[StagedRow], reach: Reach) -> dict[int, int | None]:
        choices = [TeamChoice(team.id, team.code, team.name) for team in list_teams(sorted(reach.scope))]
        resolve = team_finder(choices, reach.team_id)
        there = {one.username: one for one in list_known_admins(usernames=[row.key for row in rows])}
        found: dict[int, int | None] = {}
        for row in rows:
            one = there.get(row.key)
            known = KnownAdmin(one.id, one.name, one.team_id) if one else None
            found[row.row] = settle_admin(row, known, resolve, reach)
        return found

    def _reach_now(self, reach: Reach, now: datetime) -> Reach:
        """As far as whoever appoints may still appoint: rights can end between the pieces."""
        if self.by_id is None:
            return reach
        standing = find_appointing_standing(self.by_id, now.astimezone(self.zone).date())
        if standing is None or Role.TEAM_ADMIN not in list_givable_roles(
            standing.roles, is_brigade=standing.is_brigade
        ):
            return Reach(reach.team_id, frozenset())
        return Reach(reach.team_id, reach.scope & frozenset(standing.team_ids))

    def _appointment(self, team_id: int, now: datetime) -> Appointment:
        return Appointment(
            role=Role.TEAM_ADMIN,
            team_id=team_id,
            is_deputy=False,
            appointed_by_id=self.by_id,
            appointed_at=now,
        )
