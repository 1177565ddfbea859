"""Transfers of the demo: one waits for the detachment, one for a squadron; one accepted, one refused."""

from collections.abc import Callable, Iterator
from datetime import date, datetime

from volunteer.demo.incidents import DETACHMENT, SQUADRON
from volunteer.loading.story import Story
from volunteer.loading.telling import Scene, Step
from volunteer.models.member_changes import Transfer
from volunteer.queries.demo import list_unit_ids, newest_id
from volunteer.queries.members import get_member
from volunteer.services.member_changes import Actor, Move, accept_transfer, decline_transfer, transfer_member

_MOVED, _NOT_YET = "工作调动，人事关系已转入新单位。", "人事关系还没有转来，请等调令到了再提出。"
Answer = Callable[[int, Actor], object]


def list_steps(story: Story) -> Iterator[Step]:
    """Between detachments; whoever receives a member agrees or not."""
    for number in story.people("FD03")[:1]:
        yield _propose(story, story.at(20, 10), number, ("FD03", "FD02"))
        yield _answer(story.at(18, 9), number, "FD02", "accept", accept_transfer)
    for number in story.people("FD04")[:1]:
        yield _propose(story, story.at(15, 10), number, ("FD04", DETACHMENT))
        yield _answer(story.at(14, 9), number, DETACHMENT, "decline", _decline)
    for number in story.people(DETACHMENT)[22:23]:
        yield _propose(story, story.at(3, 10), number, (DETACHMENT, SQUADRON))
    for number in story.people("FD02")[:1]:
        yield _propose(story, story.at(2, 10), number, ("FD02", DETACHMENT))


def _propose(story: Story, at: datetime, number: str, way: tuple[str, str]) -> Step:
    team, target = way
    unit = story.team(target).unit
    from_on: date = at.date()

    def propose(scene: Scene) -> None:
        transfer_member(number, Move(target, list_unit_ids()[unit], from_on, _MOVED), _actor(scene))

    return Step(at, "admin.transfer", propose, team)


def _answer(at: datetime, number: str, team: str, page: str, answer: Answer) -> Step:
    def do(scene: Scene) -> None:
        answer(newest_id(Transfer, member_id=get_member(number).id), _actor(scene))

    return Step(at, f"admin.{page}", do, team)


def _decline(transfer_id: int, actor: Actor) -> None:
    decline_transfer(transfer_id, _NOT_YET, actor)


def _actor(scene: Scene) -> Actor:
    return Actor(scene.admin_id, scene.scope, scene.now, scene.zone)
