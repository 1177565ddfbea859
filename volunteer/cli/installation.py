"""Commands about the installation: tables, demo district, and serving it all."""

import hashlib
import json
import os
import time
from pathlib import Path

import click
from flask import current_app

from volunteer.cli.admins import show_setup_code
from volunteer.cli.asking import here, now, says_no, show_progress
from volunteer.config import INSTANCE
from volunteer.domain.audit import derive_name_key
from volunteer.domain.contacts import derive_contact_key
from volunteer.domain.national_ids import derive_id_keys
from volunteer.loading.district import load_demo as load_district
from volunteer.loading.story import Tools
from volunteer.queries.members import count_members
from volunteer.services import members
from volunteer.services.append_only import require_append_only
from volunteer.services.migrations import migrate
from volunteer.serving import serve_until_stopped
from volunteer.web.certificates import draw_certificate


@click.command("init-db")
@says_no
def init_db() -> None:
    """Create or update the tables, and found the brigade at the top."""
    prepare_database()
    click.echo("数据库已就绪。")
    show_setup_code()


@click.command("load-demo")
@says_no
def load_demo() -> None:
    """Fill an empty database with an invented district."""
    began = time.monotonic()
    accounts = _load_demo()
    if not accounts:
        click.echo("演示数据已经装好。")
        return
    click.echo(f"演示数据已装好，用时 {time.monotonic() - began:.0f} 秒。")
    _show_sign_ins(accounts)


@click.command("serve")
@says_no
def serve() -> None:
    """Start the web server and the scheduler; Ctrl-C ends both."""
    prepare_database()
    require_append_only()
    is_demo = current_app.config["DEMO"]
    kept = _sign_ins()
    if is_demo and (not count_members() or not kept.exists()):
        _load_demo()
    address = _address()
    click.echo(f"\n  志愿钟 · Volunteer Clock   {address}/")
    click.echo(f"  管理员 admin   {address}/admin")
    click.echo(f"  志愿者 member  {address}/me")
    click.echo(f"  终端 station   {address}/kiosk")
    if is_demo and kept.exists():
        _show_sign_ins(json.loads(kept.read_text()))
    show_setup_code()
    click.echo("\n  Ctrl-C 结束 ends everything\n")
    serve_until_stopped(*_listening())


def _listening() -> tuple[str, str]:
    """Host and port that the server listens at."""
    return os.environ.get("HOST", "127.0.0.1"), os.environ.get("PORT", "8000")


def _address() -> str:
    """Where a browser on this machine finds it."""
    host, port = _listening()
    shown = "localhost" if host in ("127.0.0.1", "0.0.0.0", "::") else host  # noqa: S104 - compared, not bound
    return f"http://{shown}:{port}"


def prepare_database() -> None:
    """Tables of the newest version, and a brigade at the top of the tree."""
    migrate()
    members.found_brigade()


def _load_demo() -> list[dict[str, str]]:
    secret, address = current_app.config["SECRET_KEY"], f"{_address()}/verify"
    tools = Tools(
        here().keys,
        here().zone,
        derive_id_keys(secret),
        derive_contact_key(secret),
        derive_name_key(secret),
        draw_certificate,
        address,
    )
    accounts = load_district(now(), show_progress("装入演示数据 loading the demo district"), tools)
    shown = [
        {
            "role": "管理员" if one.is_admin else "志愿者",
            "sign_in": one.sign_in,
            "password": one.password,
            "team": one.team,
        }
        for one in accounts
    ]
    if shown:
        _keep(_sign_ins(), json.dumps(shown, ensure_ascii=False))
    return shown


def _sign_ins() -> Path:
    """Where the demo's sign-ins are kept: one file for each database."""
    mark = hashlib.sha256(current_app.config["SQLALCHEMY_DATABASE_URI"].encode()).hexdigest()[:8]
    return INSTANCE / f"demo_sign_ins_{mark}.json"


def _keep(path: Path, text: str) -> None:
    """Invented people's passwords, shown again at the next start; only this account may read them."""
    with open(os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "w") as file:
        file.write(text)


def _show_sign_ins(accounts: list[dict[str, str]]) -> None:
    click.echo("\n  演示账号 demo sign-ins")
    for one in accounts:
        click.echo(f"    {one['role']}  {one['sign_in']:<12} {one['password']:<14} {one['team']}")


COMMANDS = [init_db, load_demo, serve]
