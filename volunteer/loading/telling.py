"""Steps of the demo's story: who did what at which past moment, through the use cases of the pages."""

import json
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, tzinfo

from sqlalchemy import event
from sqlalchemy.orm import Session

from volunteer.auditing import Acting, act_as
from volunteer.db import db, transaction
from volunteer.demo.places import BRIGADE_CODE
from volunteer.domain.refusals import Refusal
from volunteer.domain.wishes import Desk
from volunteer.loading.story import Story
from volunteer.models.duty_days import Setting
from volunteer.queries.demo import SETTING, get_admin, list_admin_ids
from volunteer.queries.members import get_member
from volunteer.queries.teams import list_subtree_ids

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Scene:
    """Who acts at this moment, and how far that reaches; a visitor is nobody. ``admins`` are all, by team."""

    now: datetime
    zone: tzinfo
    admin_id: int = 0
    member_id: int = 0
    scope: frozenset[int] = frozenset()
    is_brigade: bool = False
    admins: Mapping[str, int] = field(default_factory=dict)

    @property
    def today(self) -> date:
        """The local day of the moment."""
        return self.now.astimezone(self.zone).date()

    @property
    def desk(self) -> Desk:
        """The admin as corrections know one."""
        return Desk(self.admin_id, self.scope, frozenset(), self.now, self.zone)


@dataclass(frozen=True)
class Step:
    """One act on a page: of a team's admin, of a member, or of a visitor; ``do`` is one transaction.

    A job has no act: nobody does it. ``is_repeatable`` where it is more than one transaction, and looks
    itself what is done already.
    """

    at: datetime
    act: str
    do: Callable[[Scene], object]
    team: str = ""
    member: str = ""
    is_repeatable: bool = False


def tell(story: Story, steps: Sequence[Step], told: int, progress: Callable[[int], None]) -> None:
    """Do the steps after number ``told``, in the order of their moments; ``progress`` hears of each.

    That a step is done is noted in its own transaction, so that an interrupted load does none twice.
    One that is refused is left out: a demo without it is better than none.
    """
    for number, step in enumerate(sorted(steps, key=lambda one: one.at), 1):
        if number > told:
            _do(story, step, number)
        progress(number)


def _do(story: Story, step: Step, number: int) -> None:
    scene = _enter(story, step)
    is_noted = False
    try:
        if step.is_repeatable:
            step.do(scene)
        else:
            with _noted(number):
                step.do(scene)
            is_noted = True
    except Refusal as refusal:
        log.warning("演示中跳过一步 %s：%s", step.act, refusal.sentence)
    finally:
        act_as(db.session(), None)
    if not is_noted:
        with transaction():
            _note(number)


def _enter(story: Story, step: Step) -> Scene:
    """Begin to act as whose step it is."""
    # As instants are stored: the audit's chain is over what is read back.
    at = step.at.astimezone(UTC)
    scene, actor, team_id = Scene(at, story.tools.zone), "visitor", None
    if step.team:
        username = story.district.admin_of(step.team).username
        admin = get_admin(username)
        actor, team_id = f"admin:{username}", admin.team_id
        scene = replace(
            scene,
            admin_id=admin.id,
            scope=frozenset(list_subtree_ids(admin.team_id)),
            is_brigade=step.team == BRIGADE_CODE,
            admins=list_admin_ids(),
        )
    elif step.member:
        member = get_member(step.member)
        actor, team_id = f"member:{member.volunteer_no}", member.team_id
        scene = replace(scene, member_id=member.id)
    acting = Acting(step.act, actor, lambda: at, story.tools.name_key, scene.admin_id or None, team_id)
    act_as(db.session(), acting if step.act else None)
    return scene


@contextmanager
def _noted(number: int) -> Iterator[None]:
    """The next transaction that is kept also keeps that this step is done."""
    session = db.session()

    def note(_session: Session) -> None:
        _note(number)

    event.listen(session, "before_commit", note)
    try:
        yield
    finally:
        event.remove(session, "before_commit", note)


def _note(number: int) -> None:
    setting = db.session.get_one(Setting, SETTING)
    setting.value = json.dumps({**json.loads(setting.value), "told": number})
