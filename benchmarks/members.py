"""Finding members among sixty thousand, and reading in a dirty list of 2,565.

Searches are held against the bare look-up of one row by its unique number, the import
against bare INSERTs of the rows that it made: same database, same run.
"""

import io
import json
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sqlalchemy import insert, select, text

from tests.postgresql import Cluster, find_binaries
from volunteer.db import db
from volunteer.domain.contacts import ContactKind, derive_contact_key, seal_contact
from volunteer.domain.imports import ImportKind
from volunteer.domain.names import search_text
from volunteer.domain.national_ids import derive_id_keys, invent_impossible
from volunteer.domain.teams import TeamLevel
from volunteer.drawing.workbooks import Value, draw_table
from volunteer.factory import create_app
from volunteer.models.members import Admin, Member
from volunteer.models.people import MemberContact
from volunteer.models.teams import Team
from volunteer.queries.members import search_members
from volunteer.reading.workbooks import read_rows
from volunteer.services.import_work import work_on
from volunteer.services.imports import (
    accept_repairs,
    begin_writing,
    choose_columns,
    guess_matching,
    start_import,
)
from volunteer.services.member_imports import MemberLists
from volunteer.services.members import found_brigade
from volunteer.services.migrations import migrate

MEMBERS, TEAMS, LISTED, RUNS = 60_000, 54, 2565, 200
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧单曾翟"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华建国文辉玲红海燕春梅"
HEADINGS = ["志愿者编号", "姓名", "单位", "所属队伍", "公民身份号码"]
SECRET = "benchmark"
ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 9, 15, 2, 0, tzinfo=UTC)


def measure(cluster: Cluster) -> dict[str, Any]:
    """Milliseconds (median) of each search and seconds of the import, each with its ratio."""
    binaries = find_binaries()
    assert binaries is not None
    host = ["-h", cluster.socket, "-U", "postgres"]
    subprocess.run([binaries / "createdb", *host, "members"], check=True)
    app = create_app(SQLALCHEMY_DATABASE_URI=cluster.url("members"), SECRET_KEY=SECRET)
    try:
        with app.app_context():
            migrate()
            scope = _found_teams()
            members = _fill(scope[1:])
            found = _measure_searches(scope, members) | _measure_import(scope)
            db.session.remove()
            db.engine.dispose()
            return found
    finally:
        subprocess.run([binaries / "dropdb", *host, "members"], check=True)


def _found_teams() -> list[int]:
    """The brigade and its teams, by id."""
    brigade = found_brigade()
    teams = [
        Team(code=f"FD{serial:02}", name=f"第{serial}分队", level=TeamLevel.DETACHMENT, parent_id=brigade.id)
        for serial in range(1, TEAMS + 1)
    ]
    db.session.add_all(teams)
    db.session.commit()
    return [brigade.id, *(team.id for team in teams)]


def _fill(team_ids: list[int]) -> list[dict[str, str]]:
    """Sixty thousand members with a telephone each; what may be looked for of each of them."""
    chance, key = random.Random(15), derive_contact_key(SECRET)
    known = [
        {
            "number": f"LG{serial:06}",
            "name": "".join(chance.choice(some) for some in (SURNAMES, GIVEN, GIVEN)),
            "phone": f"13{chance.randrange(10**9):09}",
        }
        for serial in range(MEMBERS)
    ]
    rows = [
        {
            "volunteer_no": one["number"],
            "name": one["name"],
            "search_keys": search_text(one["name"]),
            "team_id": team_ids[place % len(team_ids)],
            "status_at": NOW,
            "created_at": NOW,
        }
        for place, one in enumerate(known)
    ]
    with db.engine.begin() as connection:
        ids = connection.execute(
            insert(Member.__table__).returning(Member.id, sort_by_parameter_order=True), rows
        ).scalars()
        contacts = [
            {
                "member_id": member_id,
                "kind": ContactKind.PHONE,
                "value_sealed": seal_contact(one["phone"], key, place.to_bytes(12, "big")),
                "ending": one["phone"][-4:],
                "created_at": NOW,
            }
            for place, (member_id, one) in enumerate(zip(ids, known, strict=True))
        ]
        connection.execute(insert(MemberContact.__table__), contacts)
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE members, member_contacts"))
    return known


def _measure_searches(scope: list[int], known: list[dict[str, str]]) -> dict[str, Any]:
    chosen = random.Random(16).choices(known, k=RUNS)
    sought = {
        "name": [one["name"] for one in chosen],
        "pinyin": [search_text(one["name"]).split()[0] for one in chosen],
        "number": [one["number"][2:] for one in chosen],
        "phone": [one["phone"][-4:] for one in chosen],
    }
    bare = _median(_look_up, [one["number"] for one in chosen])
    found: dict[str, Any] = {"members": MEMBERS, "bare_ms": bare}
    for what, words in sought.items():
        assert all(search_members(scope, word)[0] for word in words[:5]), what
        found[f"{what}_ms"] = _median(lambda word: search_members(scope, word), words)
        found[f"{what}_ratio"] = round(found[f"{what}_ms"] / bare, 1)
    return found


def _look_up(number: str) -> None:
    """One row by its unique index, past everything that is not the database's driver."""
    with db.session.connection().connection.cursor() as cursor:
        cursor.execute("SELECT * FROM members WHERE volunteer_no = %s", (number,))
        assert cursor.fetchone() is not None


def _median(look_up: Callable[[str], object], words: list[str]) -> float:
    times = []
    for word in words:
        began = time.perf_counter()
        look_up(word)
        times.append(1000 * (time.perf_counter() - began))
        db.session.rollback()
    return round(statistics.median(times), 3)


def dirty_rows() -> Iterator[list[Value]]:
    """A list as offices send it: full-width numbers, stretched names, some rows without a name."""
    for serial in range(LISTED):
        number = f"Ｎ{serial:05}" if serial % 5 == 0 else f"N{serial:05}"
        surname, given = SURNAMES[serial % len(SURNAMES)], GIVEN[serial // 7 % len(GIVEN)]
        name = "" if serial % 100 == 7 else f"{surname} {given}" if serial % 3 else surname + given
        yield [
            number,
            name,
            f" 第{serial % TEAMS}单位",
            f"FD{serial % TEAMS + 1:02}",
            invent_impossible(serial),
        ]


def _measure_import(scope: list[int]) -> dict[str, Any]:
    with draw_table("名单", HEADINGS, dirty_rows()) as file:
        data = file.read()
    admin = Admin(username="bench", name="测速", team_id=scope[0], password_hash="", created_at=NOW)
    db.session.add(admin)
    db.session.commit()
    keys = derive_id_keys(SECRET)
    rules = MemberLists(keys, ZONE, derive_contact_key(SECRET), allows_invented=True)
    began = time.perf_counter()
    import_id = start_import(
        ImportKind.MEMBERS, io.BytesIO(data), "名单.xlsx", admin.id, scope[0], scope, keys, NOW
    )
    sheet = read_rows(data, "名单.xlsx").sheets[0]
    first_row, matching = guess_matching(list(sheet.filled_rows()), rules)
    choose_columns(import_id, sheet.name, first_row, matching, rules, NOW)
    work_on(import_id, rules, keys, lambda: NOW)
    accept_repairs(import_id, keys)
    begin_writing(import_id, admin.id, scope, NOW)
    work_on(import_id, rules, keys, lambda: NOW)
    seconds = time.perf_counter() - began
    made, bare = _insert_bare()
    assert made > 0.98 * LISTED
    return {
        "import_rows": LISTED,
        "import_made": made,
        "import_seconds": round(seconds, 2),
        "import_bare_seconds": round(bare, 2),
        "import_ratio": round(seconds / bare, 1),
    }


def _insert_bare() -> tuple[int, float]:
    """How many members the import made, and how long INSERTs of the same rows take, one each."""
    table = Member.__table__
    made = [
        dict(row)
        for row in db.session.execute(select(table).where(Member.volunteer_no.like("N%"))).mappings()
    ]
    names = [name for name in made[0] if name != "id"]
    values = [
        [f"X{row[name]}" if name == "volunteer_no" else row[name] for name in names]
        for row in (
            {**row, "national_id_hash": (row["national_id_hash"] or "")[::-1] or None} for row in made
        )
    ]
    statement = f"INSERT INTO members ({', '.join(names)}) VALUES ({', '.join(['%s'] * len(names))})"
    began = time.perf_counter()
    with db.session.connection().connection.cursor() as cursor:
        for row in values:
            cursor.execute(statement, row)
    db.session.commit()
    return len(made), time.perf_counter() - began


if __name__ == "__main__":
    from tests.postgresql import start_cluster

    for private in start_cluster():
        if private is None:
            sys.exit("PostgreSQL is not installed: sudo apt-get install postgresql")
        print(json.dumps(measure(private), indent=1))
