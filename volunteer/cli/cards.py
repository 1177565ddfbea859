"""Commands about cards: issue, print, bind."""

from pathlib import Path
from typing import Any

import click
from sqlalchemy import Row

from volunteer.cli.asking import here, now, says_no, show_progress
from volunteer.drawing.cards import CardFace, card_pdf, card_png
from volunteer.drawing.fonts import missing_glyphs
from volunteer.queries.members import get_member, list_active_members
from volunteer.queries.teams import get_brigade, get_team, list_subtree_ids
from volunteer.services import cards

OUTPUT = click.Path(dir_okay=False, path_type=Path)


@click.command("issue-card")
@click.argument("volunteer_no")
@click.option("--png", type=OUTPUT, help="Write the card as a picture.")
@click.option("--pdf", type=OUTPUT, help="Write the card as a page of real card size.")
@says_no
def issue_card(volunteer_no: str, png: Path | None, pdf: Path | None) -> None:
    """Issue a member's QR card, or print the active one again; the token is the last word."""
    _, token = cards.issue_card(volunteer_no, here().keys, now())
    member = get_member(volunteer_no)
    face = _faces([row for row in list_active_members([member.team_id]) if row.id == member.id])[0]
    if png:
        png.write_bytes(card_png(face))
    if pdf:
        pdf.write_bytes(card_pdf([face]))
    click.echo(f"志愿者证已就绪 {volunteer_no} {token}")


@click.command("issue-cards")
@click.argument("pdf", type=OUTPUT)
@click.option("--team", "team_code", default=None, help="Only this team and those below it.")
@says_no
def issue_cards(pdf: Path, team_code: str | None) -> None:
    """Print the cards of a whole team into one PDF; who has none yet is given one."""
    team = get_team(team_code) if team_code else get_brigade()
    members = list_active_members(list_subtree_ids(team.id))
    if not members:
        raise click.ClickException("这支队伍还没有志愿者。")
    pdf.write_bytes(card_pdf(_faces(members), show_progress("制卡")))
    click.echo(f"已制作 {len(members)} 张志愿者证：{pdf}")
    for member in members:
        if missing := missing_glyphs(member.name):
            click.echo(f"字库没有的字印成了方框，请用笔补写：{member.volunteer_no} {'、'.join(missing)}")


def _faces(owners: list[Row[Any]]) -> list[CardFace]:
    return [CardFace(**values) for values in cards.prepare_faces(owners, here().keys, now())]


@click.command("bind-nfc")
@click.argument("volunteer_no")
@click.argument("uid")
@says_no
def bind_nfc(volunteer_no: str, uid: str) -> None:
    """Bind an NFC card to a member by its UID."""
    card = cards.bind_nfc(volunteer_no, uid, here().keys, now())
    click.echo(f"卡 {card.hint} 已绑定给 {volunteer_no}")


COMMANDS = [issue_card, issue_cards, bind_nfc]
