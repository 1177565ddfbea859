"""The access log: every entry knows whom it was about, however many they were."""

from datetime import datetime

from sqlalchemy import select

from tests.conftest import Cast
from volunteer.db import db
from volunteer.domain.access_log import LONGEST_DETAIL, AccessKind
from volunteer.models.access_log import AccessedMember, AccessEntry
from volunteer.queries.access_log import AccessFilter, list_accesses, list_accesses_about
from volunteer.services.access_log import note_access
from volunteer.services.members import add_member


def test_an_export_counts_each_member_once(cast: Cast, now: datetime) -> None:
    ids = [cast.alice.id, *(add_member(f"B{number:03}", "李四", "FD01", now).id for number in range(50))]

    note_access(cast.bob, AccessKind.EXPORTED, [*ids, *ids], "姓名", now)

    entry = db.session.execute(select(AccessEntry)).scalar_one()
    about = db.session.execute(select(AccessedMember.member_id)).scalars()
    assert (entry.count, entry.admin_id, entry.member_id, entry.at) == (51, cast.bob.id, None, now)
    assert sorted(about) == sorted(ids)
    assert len(list_accesses_about([ids[-1]])) == 1


def test_what_is_about_nobody_is_logged_too(cast: Cast, now: datetime) -> None:
    note_access(cast.bob, AccessKind.EXPORTED, [], "空名单", now)

    count, (row,) = list_accesses([cast.detachment.id], AccessFilter())

    assert (count, row.AccessEntry.count, row.admin_name) == (1, 0, "鲍勃")


def test_a_long_detail_never_stops_the_log(cast: Cast, now: datetime) -> None:
    note_access(cast.alice, AccessKind.OWN_DATA, [cast.alice.id], "长" * 500, now)

    entry = db.session.execute(select(AccessEntry)).scalar_one()
    assert (len(entry.detail), entry.member_id, entry.admin_id) == (LONGEST_DETAIL, cast.alice.id, None)


def test_another_teams_entries_are_outside_the_scope(cast: Cast, now: datetime) -> None:
    note_access(cast.bob, AccessKind.VIEWED_FILE, [cast.alice.id], "", now)

    assert list_accesses([cast.other.id], AccessFilter())[0] == 0
    assert list_accesses([cast.detachment.id], AccessFilter(about="A001", username="bob"))[0] == 1
