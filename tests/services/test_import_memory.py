"""A list of any length is imported in the memory of a short one."""

import csv
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import xlsxwriter

if TYPE_CHECKING:
    from volunteer.domain.national_ids import IdKeys
    from volunteer.services.member_imports import MemberLists

SHORT, LONG = 1_000, 20_000
SECRET = "memory"
NOW = datetime(2026, 9, 15, 2, 0, tzinfo=UTC)
MEGABYTE = 1 << 20


def write_list(path: Path, count: int) -> None:
    """A list as offices send it, every text of it another one."""
    rows = (
        [f"Ｎ{serial:06}" if serial % 5 == 0 else f"N{serial:06}", "张 三", f"单位{serial % 54}", "FD01"]
        for serial in range(count)
    )
    headings = ["志愿者编号", "姓名", "单位", "所属队伍"]
    if path.suffix == ".csv":
        with path.open("w", newline="", encoding="gb18030") as file:
            csv.writer(file).writerows([headings, *rows])
        return
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("名单")
        for place, row in enumerate([headings, *rows]):
            sheet.write_row(place, 0, row)


@dataclass(frozen=True)
class Peaks:
    """The most bytes that the process of the upload held, and the one of the work; the members made."""

    upload: int
    work: int
    made: int


def peaks(path: Path, folder: Path) -> Peaks:
    """Import the list into a new database, as a web worker and the work behind it do."""
    folder.mkdir()
    found = [_run(step, path, folder / "volunteer.db") for step in ("upload", "work")]
    return Peaks(found[0][0], found[1][0], found[1][1])


def _run(step: str, path: Path, database: Path) -> tuple[int, int]:
    done = subprocess.run(
        [sys.executable, __file__, step, str(path), str(database)],
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2]), "VOLUNTEER_SECRET_KEY": SECRET},
        check=True,
        capture_output=True,
        text=True,
    )
    most, made = map(int, done.stdout.split())
    return most, made


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_twenty_times_the_rows_take_no_more_memory_than_the_file_itself(ending: str, tmp_path: Path) -> None:
    found = []
    for count in (SHORT, LONG):
        path = tmp_path / f"{count}.{ending}"
        write_list(path, count)
        found.append(peaks(path, tmp_path / str(count)))
        assert found[-1].made == count

    # Two or three megabytes as a rule; the rows themselves, were they kept, would be some seventy.
    short, long = found
    assert (long.upload - short.upload) / MEGABYTE < 16
    assert (long.work - short.work) / MEGABYTE < 16


def upload_list(path: Path, database: Path) -> int:
    """Upload the list into a new database and match its columns; how many members that made."""
    from volunteer.db import db
    from volunteer.domain.imports import ImportKind
    from volunteer.domain.teams import TeamLevel
    from volunteer.models.members import Admin
    from volunteer.models.teams import Team
    from volunteer.queries.imports import find_samples
    from volunteer.services import imports
    from volunteer.services.members import found_brigade
    from volunteer.services.migrations import migrate

    with _open(database) as (keys, rules):
        migrate()
        brigade = found_brigade()
        team = Team(code="FD01", name="一分队", level=TeamLevel.DETACHMENT, parent_id=brigade.id)
        admin = Admin(username="a", name="甲", team_id=brigade.id, password_hash="", created_at=NOW)
        db.session.add_all([team, admin])
        db.session.commit()
        scope = [brigade.id, team.id]
        with path.open("rb") as file:
            found = imports.start_import(
                ImportKind.MEMBERS, file, path.name, admin.id, scope[0], scope, keys, NOW
            )
        (sample,) = find_samples(found, keys)
        first_row, matching = imports.guess_matching(sample["rows"], rules)
        imports.choose_columns(found, sample["name"], first_row, matching, rules, NOW)
        return 0


def work_off_list(_path: Path, database: Path) -> int:
    """Judge, accept and write the list that was uploaded; how many members it made."""
    from volunteer.db import db
    from volunteer.models.imports import Import
    from volunteer.queries.imports import count_rows
    from volunteer.services import imports
    from volunteer.services.import_work import work_on

    with _open(database) as (keys, rules):
        one = db.session.query(Import).one()
        found, admin_id, scope = one.id, one.admin_id, one.scope
        work_on(found, rules, keys, lambda: NOW)
        imports.accept_repairs(found, keys)
        imports.begin_writing(found, admin_id, scope, NOW)
        work_on(found, rules, keys, lambda: NOW)
        return count_rows(found)["added"]


@contextmanager
def _open(database: Path) -> Iterator[tuple["IdKeys", "MemberLists"]]:
    from zoneinfo import ZoneInfo

    from volunteer.domain.contacts import derive_contact_key
    from volunteer.domain.national_ids import derive_id_keys
    from volunteer.factory import create_app
    from volunteer.services.member_imports import MemberLists

    keys = derive_id_keys(SECRET)
    rules = MemberLists(keys, ZoneInfo("Asia/Shanghai"), derive_contact_key(SECRET))
    with create_app(SQLALCHEMY_DATABASE_URI=f"sqlite:///{database}").app_context():
        yield keys, rules


if __name__ == "__main__":
    act = upload_list if sys.argv[1] == "upload" else work_off_list
    members = act(Path(sys.argv[2]), Path(sys.argv[3]))
    # Not what the system says of resources used: there a child begins with its parent's memory.
    status = Path("/proc/self/status").read_text()
    print(int(status.split("VmHWM:")[1].split()[0]) * 1024, members)
