"""Commands about the ledger: checking it, handing it out, closing a day."""

import json
from pathlib import Path

import click
from flask import current_app

from volunteer.cli.asking import here, now, says_no
from volunteer.domain.ledger import SealKey
from volunteer.queries.derivations import derive_credits, derive_records
from volunteer.queries.ledger import count_lines, list_wrong_totals, read_lines
from volunteer.verify_ledger import Check, check, kept_seals, report
from volunteer.verify_ledger import read_lines as read_file


@click.command("verify-ledger")
@click.option("--key", default="", help="以前抄下的公钥")
@click.option("--seals", type=click.Path(exists=True, dir_okay=False), help="以前留存的导出文件")
@click.option("--derive", is_flag=True, help="从全部刷卡重新推算，与记录和台账核对")
@says_no
def verify_ledger(key: str, seals: str | None, derive: bool) -> None:
    """Check every entry, audit event, seal and sum; the exit code is 1 where anything is wrong."""
    kept = kept_seals(read_file(seals)) if seals else {}
    click.echo(f"共 {count_lines()} 行，逐行核对……")
    found = check(read_lines(), key.lower(), kept, click.echo)
    if not key and found.seals:
        click.echo(f"公钥 {_public_key()}")
    _check_sums(found)
    if derive:
        _check_derivations(found)
    click.echo("\n".join(report(found)))
    if found.problems:
        raise SystemExit(1)


def _public_key() -> str:
    key: SealKey = current_app.extensions["seal_key"]
    return key.public_key


def _check_sums(found: Check) -> None:
    found.problems += [f"{one}: the sum differs from the entries" for one in list_wrong_totals()]


def _check_derivations(found: Check) -> None:
    instant, zone = now(), here().zone
    members = 0
    for done, wrong in derive_records(instant, zone):
        members += done
        found.problems += wrong
        click.echo(f"... 已重新推算 {members} 人")
    for day, wrong in derive_credits(zone):
        found.problems += [f"{day}: {one}" for one in wrong]
    click.echo("已按当时的规则重新结算全部已结算的日子")


@click.command("export-ledger")
@click.argument("file", type=click.Path(dir_okay=False, writable=True))
@says_no
def export_ledger(file: str) -> None:
    """Write the whole ledger with audit and seals, one JSON object a line, for others to check."""
    lines = 0
    with Path(file).open("w", encoding="utf-8") as written:
        for line in read_lines():
            written.write(json.dumps(line, separators=(",", ":")) + "\n")
            lines += 1
    click.echo(f"已写出 {lines} 行：{file}")
    click.echo(f"公钥 {_public_key()}")


COMMANDS = [verify_ledger, export_ledger]
