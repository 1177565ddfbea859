"""A list of any length is imported in the memory of a short one."""

import csv
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
import xlsxwriter

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


def peak(path: Path, folder: Path) -> tuple[int, int]:
    """The most bytes that a process holds which imports the list, and how many members it made."""
    folder.mkdir()
    done = subprocess.run(
        [sys.executable, __file__, str(path), str(folder / "volunteer.db")],
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2]), "VOLUNTEER_SECRET_KEY": SECRET},
        check=True,
        capture_output=True,
        text=True,
    )
    most, made = map(int, done.stdout.split())
    return most, made


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_twenty_times_the_rows_take_no_more_memory_than_the_file_itself(ending: str, tmp_path: Path) -> None:
    found = {}
    for count in (SHORT, LONG):
        path = tmp_path / f"{count}.{ending}"
        write_list(path, count)
        most, made = peak(path, tmp_path / str(count))
        assert made == count
        found[count] = most

    # Two or three megabytes as a rule; the rows themselves, were they kept, would be some seventy.
    growth = (found[LONG] - found[SHORT]) / MEGABYTE
    assert growth < 16, f"{growth:.1f} MB more"


def import_list(path: Path, database: Path) -> int:
    """Upload, match, judge, accept and write the list into a new database; how many members it made."""
    from zoneinfo import ZoneInfo

    from volunteer.db import db
    from volunteer.domain.contacts import derive_contact_key
    from volunteer.domain.imports import ImportKind
    from volunteer.domain.national_ids import derive_id_keys
    from volunteer.domain.teams import TeamLevel
    from volunteer.factory import create_app
    from volunteer.models.members import Admin
    from volunteer.models.teams import Team
    from volunteer.queries.imports import count_rows, find_samples
    from volunteer.services import imports
    from volunteer.services.import_work import work_on
    from volunteer.services.member_imports import MemberLists
    from volunteer.services.members import found_brigade
    from volunteer.services.migrations import migrate

    with create_app(SQLALCHEMY_DATABASE_URI=f"sqlite:///{database}").app_context():
        migrate()
        brigade = found_brigade()
        team = Team(code="FD01", name="一分队", level=TeamLevel.DETACHMENT, parent_id=brigade.id)
        admin = Admin(username="a", name="甲", team_id=brigade.id, password_hash="", created_at=NOW)
        db.session.add_all([team, admin])
        db.session.commit()
        scope, admin_id = [brigade.id, team.id], admin.id
        keys = derive_id_keys(SECRET)
        rules = MemberLists(keys, ZoneInfo("Asia/Shanghai"), derive_contact_key(SECRET))
        found = imports.start_import(
            ImportKind.MEMBERS, path.read_bytes(), path.name, admin_id, scope[0], scope, keys, NOW
        )
        (sample,) = find_samples(found, keys)
        first_row, matching = imports.guess_matching(sample["rows"], rules)
        imports.choose_columns(found, sample["name"], first_row, matching, rules, NOW)
        work_on(found, rules, keys, lambda: NOW)
        imports.accept_repairs(found, keys)
        imports.begin_writing(found, admin_id, scope, NOW)
        work_on(found, rules, keys, lambda: NOW)
        return count_rows(found)["added"]


if __name__ == "__main__":
    members = import_list(Path(sys.argv[1]), Path(sys.argv[2]))
    # Not what the system says of resources used: there a child begins with its parent's memory.
    status = Path("/proc/self/status").read_text()
    print(int(status.split("VmHWM:")[1].split()[0]) * 1024, members)
