"""Every table that leaves the server, opened and saved anew by LibreOffice: values stay what they were."""

import io
import os
import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests.conftest import Cast
from tests.web.test_imports import match, upload
from volunteer.db import db
from volunteer.domain.cells import Cell
from volunteer.models.members import Admin, Member
from volunteer.models.teams import Team
from volunteer.reading.workbooks import read_rows
from volunteer.services.members import add_member

SignIn = Callable[[Admin | Member], FlaskClient]
PROGRAM = shutil.which("soffice") or shutil.which("libreoffice")
# What a spreadsheet program would ruin where it took them for numbers or formulas.
NUMBERS = {"0012": "=1+1", "4400002026000000001": "李𬭎·娜娜", "1E5": "-王五"}
COLUMNS = ["volunteer_no", "name", "team_code", "team", "status", "entered_on", "national_id", "phone"]
DAYS = {"first_on": "2026-09-01", "last_on": "2026-09-30"}
KINDS = ("members", "teams", "admins", "training", "commendations")
TRAINING = {
    "name": "=急救",
    "content": "+心肺复苏\n-包扎",
    "hours": "1.5",
    "organiser": "@红十字会",
    "held_on": "2026-09-14",
}
HONOUR = {"name": "-优秀志愿者", "granted_on": "2026-09-14", "granting_unit": "=区委"}
MORNING = datetime(2026, 9, 15, 10)  # noqa: DTZ001 - as the clock on the wall shows it
# Comma, quotation mark, UTF-8, from the first line, and what is quoted is text.
AS_QUOTED = "Text - txt - csv (StarCalc):44,34,76,1,,0,true"

pytestmark = [
    pytest.mark.skipif(
        PROGRAM is None, reason="LibreOffice is not installed: sudo apt-get install libreoffice-calc"
    ),
    # What the files hold does not depend on the database.
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]
Files = Mapping[str, bytes]


@pytest.fixture
def files(
    cast: Cast, sign_in: SignIn, brigade_admin: Admin, now: datetime, hold: Callable[[datetime], None]
) -> Files:
    """Every table that pages give out, of a brigade with names and numbers that are hard to keep."""
    db.session.get_one(Team, cast.detachment.id).party_branch = "=2+3"
    db.session.commit()
    for number, name in NUMBERS.items():
        # Names that a form refuses today may stand in the rows of an earlier day.
        add_member(number, "旧名", "FD01", now).name = name
        db.session.commit()
    hold(now)
    hold(now + timedelta(minutes=90))
    client = sign_in(brigade_admin)
    file, phone = "/admin/members/0012/file", {"kind": "phone", "value": "13800001234", "note": ""}
    client.post(f"{file}/contacts", data=phone)
    client.post(f"{file}/edit", data={"name": NUMBERS["0012"], "national_id": "11010519491231002X"})
    whom = {"volunteer_nos": "0012"}
    client.post("/admin/training/new", data=TRAINING | whom)
    client.post("/admin/training/commendations/new", data=HONOUR | whom)
    return exported(client) | imported(client)


def exported(client: FlaskClient) -> dict[str, bytes]:
    """Each list as a workbook and as a text table."""
    form = {"columns": COLUMNS, **DAYS}
    return {
        f"{kind}.{ending}": client.post("/admin/exports", data={**form, "kind": kind, "file": ending}).data
        for kind in ("members", "records", "training", "commendations", "teams")
        for ending in ("xlsx", "csv")
    }


def imported(client: FlaskClient) -> dict[str, bytes]:
    """What imports give out: templates, rows that were not taken, start passwords."""
    found = {f"new-{kind}.xlsx": client.get(f"/admin/imports/templates/{kind}.xlsx").data for kind in KINDS}
    preview = match(client, upload(client, "编号,姓名,身份证号\n0099,=1+1,123\n".encode()))
    client.post(f"{preview}/write")
    found["rejected.xlsx"] = client.get(f"{preview}/rejected.xlsx").data
    preview = match(client, upload(client, "用户名,姓名,队伍编码\n0007,艾琳,FD01\n".encode(), "admins"))
    client.post(f"{preview}/write")
    return found | {"passwords.xlsx": client.post(f"{preview}/passwords.xlsx").data}


def resave(folder: Path, files: Files, *more: str) -> dict[str, bytes]:
    """The files as LibreOffice saves them, all in one start, as workbooks."""
    (folder / "in").mkdir(parents=True)
    for name, data in files.items():
        (folder / "in" / name).write_bytes(data)
    words = [str(PROGRAM), "--headless", f"-env:UserInstallation=file://{folder}/profile", *more]
    paths = [str(path) for path in (folder / "in").iterdir()]
    subprocess.run(
        [*words, "--convert-to", "xlsx", "--outdir", str(folder / "out"), *paths],
        check=True,
        timeout=180,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"HOME": str(folder)},
    )
    return {path.name: path.read_bytes() for path in (folder / "out").iterdir()}


def cells(data: bytes) -> list[Sequence[Cell]]:
    return [list(row) for row in read_rows(data, "a.xlsx").sheets[0].rows]


def part(data: bytes, name: str) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return package.read(name).decode()


def has_formula(data: bytes) -> bool:
    """Whether a cell of the first sheet computes anything."""
    return bool(re.search(r"<f[ >/]", part(data, "xl/worksheets/sheet1.xml")))


def column_formats(data: bytes) -> set[str]:
    """How the columns of the first sheet show what is typed into them."""
    styles = part(data, "xl/styles.xml")
    names = dict(re.findall(r'numFmtId="(\d+)" formatCode="([^"]*)"', styles))
    looks = re.findall(r'<xf numFmtId="(\d+)"', styles.split("<cellXfs")[1])
    columns = re.findall(r'<col [^>]*style="(\d+)"', part(data, "xl/worksheets/sheet1.xml"))
    return {names[looks[int(style)]] for style in columns}


def offered(data: bytes) -> list[str]:
    """Where the drop-downs of the first sheet take their choices from."""
    sheet = part(data, "xl/worksheets/sheet1.xml")
    return re.findall(r'<dataValidation [^>]*type="list"[^>]*><formula1>(.*?)</formula1>', sheet)


def test_libreoffice_keeps_workbooks_as_they_are(files: Files, tmp_path: Path) -> None:
    books = {name: data for name, data in files.items() if name.endswith(".xlsx")}

    saved = resave(tmp_path, books)

    assert saved.keys() == books.keys()
    for name, data in books.items():
        assert cells(saved[name]) == cells(data), name
        assert not has_formula(saved[name]), name
    members, records = cells(saved["members.xlsx"]), cells(saved["records.xlsx"])
    assert NUMBERS.items() <= {(row[0], row[1]) for row in members}
    assert members[2][5:8] == [date(2026, 9, 15), "110***********002X", "138****1234"]
    assert records[1][0] == date(2026, 9, 15)
    assert records[1][6:9] == [MORNING, MORNING + timedelta(minutes=90), 1.5]
    assert cells(saved["teams.xlsx"])[2][4] == "=2+3"
    assert cells(saved["rejected.xlsx"])[1][:2] == ["0099", "=1+1"]
    assert cells(saved["passwords.xlsx"])[1][0] == "0007"
    assert cells(saved["training.xlsx"])[1][:8] == [
        date(2026, 9, 14), "0012", "=1+1", "第一分队", "=急救", "+心肺复苏\n-包扎", 1.5, "@红十字会",
    ]  # fmt: skip
    assert cells(saved["commendations.xlsx"])[1][:6] == [
        date(2026, 9, 14), "0012", "=1+1", "第一分队", "-优秀志愿者", "=区委",
    ]  # fmt: skip
    for name in (f"new-{kind}.xlsx" for kind in KINDS):
        assert column_formats(saved[name]) == {"@"}, name
        assert offered(saved[name]), name
        assert all("选项 Choices" in offer for offer in offered(saved[name]))
        assert [one.is_hidden for one in read_rows(saved[name], name).sheets] == [False, False, True]


def test_a_text_table_is_kept_where_libreoffice_is_told_that_quoted_is_text(
    files: Files, tmp_path: Path
) -> None:
    tables = {name: data for name, data in files.items() if name.endswith(".csv")}

    saved = resave(tmp_path, tables, f"--infilter={AS_QUOTED}")

    members, records = cells(saved["members.xlsx"]), cells(saved["records.xlsx"])
    assert [row[0] for row in members[2:5]] == list(NUMBERS)
    assert [row[1] for row in members[2:5]] == ["'=1+1", "李𬭎·娜娜", "'-王五"]
    assert records[1][8] == 1.5
    training = cells(saved["training.xlsx"])
    assert training[1][1:6] == ["0012", "'=1+1", "第一分队", "'=急救", "'+心肺复苏\n-包扎"]
    assert training[1][6] == 1.5
    assert not any(has_formula(data) for data in saved.values())
