"""Certificates of the demo: issued over half a year, replaced, revoked, and printed by a member alone."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from volunteer.db import db
from volunteer.demo.incidents import DETACHMENT
from volunteer.demo.places import BRIGADE_CODE
from volunteer.domain.certificates import Letterhead
from volunteer.loading.story import Story
from volunteer.loading.telling import Scene, Step
from volunteer.models.certificates import Certificate
from volunteer.models.members import Admin
from volunteer.queries.certificate_batches import list_entitled
from volunteer.queries.demo import get_admin, newest_id
from volunteer.services.certificates import Wish, issue_certificate, revoke_certificate, set_letterhead

# Real documents about invented people: the paper itself says so.
_MARK = "（演示）"
_REVOKED = "本人说明其中一次服务由同事代刷，更正后再出具。"


def list_steps(story: Story) -> Iterator[Step]:
    """The brigade sets the letterhead; the detachment issues two, replaces one and revokes the other."""
    # The address stays empty: it is wherever the demo is shown.
    head = _letterhead(story)
    yield Step(
        story.at(90, 9), "admin.certificate_settings", lambda _scene: set_letterhead(head, ""), BRIGADE_CODE
    )
    for place, days_ago in enumerate((40, 36)):
        yield _issue(story, story.at(days_ago, 10), place)
    yield _issue(story, story.at(35, 10), 1, is_again=True)
    yield Step(story.at(30, 10), "admin.revoke_one", lambda scene: _revoke(story, scene), DETACHMENT)
    yield Step(
        story.at(12, 20),
        "member.certificates",
        lambda scene: _keep(story, scene, scene.member_id),
        member=story.district.demo_member.volunteer_no,
    )


def _issue(story: Story, at: datetime, place: int, *, is_again: bool = False) -> Step:
    """The detachment's certificate for the person at this place among those entitled to one."""

    def issue(scene: Scene) -> None:
        for member_id in _entitled(story, scene, place):
            replaces_id = newest_id(Certificate, member_id=member_id) if is_again else None
            _keep(story, scene, member_id, replaces_id)

    return Step(at, "admin.new_certificate", issue, DETACHMENT)


def _revoke(story: Story, scene: Scene) -> None:
    by = db.session.get_one(Admin, scene.admin_id)
    for member_id in _entitled(story, scene, 0):
        certificate_id = newest_id(Certificate, member_id=member_id)
        revoke_certificate(scene.scope, certificate_id, _REVOKED, by, scene.now)


def _entitled(story: Story, scene: Scene, place: int) -> list[int]:
    """The member at this place, who is nobody's admin; none where there are fewer."""
    own = get_admin(story.district.admin_of(DETACHMENT).username).member_id
    entitled = [row.id for row in list_entitled(scene.scope, *_period(story)) if row.id != own]
    return entitled[place : place + 1]


def _keep(story: Story, scene: Scene, member_id: int, replaces_id: int | None = None) -> None:
    first_on, last_on = _period(story)
    wish = Wish(
        member_id,
        first_on,
        last_on,
        _letterhead(story),
        story.tools.verify_url,
        issued_by=db.session.get(Admin, scene.admin_id) if scene.admin_id else None,
        replaces_id=replaces_id,
    )
    issue_certificate(wish, story.tools.draw, scene.now, scene.zone)


def _period(story: Story) -> tuple[date, date]:
    """The last half year that is settled."""
    end = story.settled_before
    months = end.year * 12 + end.month - 1 - 6
    return date(months // 12, months % 12 + 1, 1), end - timedelta(days=1)


def _letterhead(story: Story) -> Letterhead:
    brigade = story.team(BRIGADE_CODE).name
    handler, responsible = (story.district.admin_of(code).name for code in (DETACHMENT, BRIGADE_CODE))
    return Letterhead(f"{brigade}{_MARK}", brigade, handler, responsible)
