"""Nothing stored about a person is left out of the notice and of the own data: drawn from the tables."""

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Column, select

from tests.conftest import Cast
from tests.web.sides import row
from tests.web.test_admin_members import counted_statements
from volunteer.db import db
from volunteer.domain.notice_texts import CHINESE, ENGLISH
from volunteer.models.admins import Appointment
from volunteer.models.audit import AuditSample, AuditSampleEntry
from volunteer.models.certificates import Certificate
from volunteer.models.columns import Base
from volunteer.models.ledger import LedgerEntry
from volunteer.models.members import Admin
from volunteer.models.sign_ins import SecondFactor
from volunteer.models.stations import Terminal
from volunteer.queries.own_data import list_own_rows
from volunteer.services.settlements import settle_days

SignIn = Callable[[object], FlaskClient]
# Why these links to a member are not read for the own data.
NOT_READ = {
    ("access_log", "member_id"): "a member looks at the own data only: read by whom it is about",
    ("recovery_codes", "member_id"): "nothing but digests of codes",
    ("admins", "waiting_member_id"): "somebody else's account, until it is confirmed that it is this person",
    ("participations", "substitute_id"): "another member's wish, with the reasons of that member",
    ("evidence_files", "uploaded_by_member_id"): "read by what the file is about, not by who brought it",
    ("review_items", "decided_person_id"): "an admin's decision about somebody else",
    ("star_nominations", "nominated_person_id"): "an admin's nomination of somebody else",
    ("star_nominations", "judged_person_id"): "an admin's judgement of somebody else",
    ("corrections", "entered_person_id"): "an admin's entry for somebody else",
    ("corrections", "decided_person_id"): "an admin's decision about somebody else",
}
# What the notice calls each kind of data.
TOLD = {
    "members": "姓名", "people": "出生日期", "member_contacts": "联系方式", "member_skills": "专业技能",
    "member_service_kinds": "服务类别", "member_free_times": "可服务时间", "member_teams": "所属队伍",
    "member_events": "调动与状态", "transfers": "调动与状态", "merges": "合并", "distinctions": "合并",
    "cards": "卡的号码摘要", "card_events": "卡的号码摘要和变动", "card_enrolments": "卡的号码摘要和变动",
    "scans": "刷卡", "scan_undos": "刷卡", "service_records": "服务记录", "record_changes": "更正",
    "corrections": "更正", "objections": "公示意见", "review_items": "审核", "audit_sample_entries": "抽查",
    "ledger_entries": "台账", "ledger_heads": "台账", "member_totals": "台账",
    "participations": "活动报名", "training_records": "培训", "commendations": "表彰",
    "certificates": "证明", "star_nominations": "星级", "evidence_files": "证明文件",
    "consents": "同意和撤回", "notice_readings": "看过的隐私告知", "registrations": "加入申请",
    "erasure_requests": "删除申请", "messages": "消息", "sign_ins": "登录的时间和设备",
    "passkeys": "通行密钥", "second_factors": "登录第二步", "admins": "管理职务", "appointments": "管理职务",
    "access_log": "谁查看过您的资料", "audit_events": "对您的资料做过的操作",
}  # fmt: skip


def links() -> Iterator[Column[object]]:
    """Every column that leads to a member."""
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            targets = {key.column.table.name for key in column.foreign_keys}
            if "members" in targets or column.name == "member_id":
                yield column


def read_tables(seen: list[str]) -> set[str]:
    """The tables that these statements give rows of; of these four only names."""
    first = {found[1] for one in seen if (found := re.search(r"FROM (\w+)", one))}
    return first - {"stations", "activities", "teams", "units"}


def test_every_column_that_leads_to_a_member_is_read_for_the_own_data_or_says_why_not(cast: Cast) -> None:
    with counted_statements() as seen:
        list_own_rows([cast.alice.id])

    unread = {
        (column.table.name, column.name)
        for column in links()
        if not any(f"{column.table.name}.{column.name} IN" in one for one in seen)
    }
    assert unread == NOT_READ.keys()


def test_every_kind_of_data_that_is_read_is_told_in_the_notice(cast: Cast) -> None:
    with counted_statements() as seen:
        list_own_rows([cast.alice.id])

    assert read_tables(seen) == TOLD.keys()
    untold = {table: words for table, words in TOLD.items() if words not in CHINESE["fields"]}
    assert untold == {}
    assert len(ENGLISH["fields"].splitlines()) == len(CHINESE["fields"].splitlines())


@pytest.fixture
def checked(app: Flask, cast: Cast, hold: Callable[[datetime], None], now: datetime) -> None:
    """alice leads a station, has a certificate and a second step, and an entry of hers was checked."""
    hold(now)
    hold(now + timedelta(hours=2))
    terminal = db.session.get_one(Terminal, cast.sender.terminal_id)
    terminal.last_contact_at, terminal.pending = now + timedelta(days=2), 0
    db.session.commit()
    settle_days(now + timedelta(days=2), app.config["TIMEZONE"])
    links = {"members": cast.alice.id, "admins": cast.charlie.id, "teams": cast.detachment.id}
    account = row(Admin, links, username="alice", name="张三", member_id=cast.alice.id, is_active=True)
    row(Appointment, links, admin_id=account.id, role="auditor", team_id=cast.detachment.id, station_id=None)
    row(SecondFactor, links, member_id=cast.alice.id, admin_id=None, confirmed_at=now)
    row(Certificate, links, serial="SZ-2026-0001", content={})
    sample = row(AuditSample, links, team_ids=[cast.detachment.id])
    number = db.session.execute(select(LedgerEntry.number)).scalar_one()
    row(AuditSampleEntry, links, sample_id=sample.id, entry_number=number, result="right", note="本人确认")


def test_posts_checks_second_steps_and_certificates_are_in_both_files_and_no_secret_is(
    checked: None, sign_in: SignIn, cast: Cast, tmp_path: Path
) -> None:
    client = sign_in(cast.alice)

    data = json.loads(client.get("/me/data.json").data)["data"]
    (tmp_path / "own.pdf").write_bytes(client.get("/me/data.pdf").data)

    assert data["certificates"][0]["serial"] == "SZ-2026-0001"
    assert [row["role"] for row in data["appointments"]] == ["team_admin", "auditor"]
    assert data["audit_sample_entries"][0]["note"] == "本人确认"
    assert "secret_sealed" not in data["second_factors"][0]
    assert "serial" not in data["cards"][0]
    text = subprocess.run(
        ["pdftotext", "-layout", tmp_path / "own.pdf", "-"], check=True, capture_output=True, text=True
    ).stdout.replace(" ", "")
    for words in (
        "SZ-2026-0001",
        "职务审计员",
        "结果属实",
        "登录第二步(1)",
        "刷卡方式二维码",
        "月份2026年9月",
    ):
        assert words in text, words
