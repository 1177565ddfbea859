"""The review desk of the demo: what the detectors found, some of it decided; and settled months."""

from collections.abc import Iterator
from datetime import datetime, time

from volunteer.demo.incidents import DETACHMENT, SQUADRON
from volunteer.domain.review_decisions import ReviewDesk
from volunteer.domain.reviews import ReviewKind, ReviewState
from volunteer.loading.story import Story
from volunteer.loading.telling import Scene, Step
from volunteer.models.reviews import ReviewItem
from volunteer.queries.demo import newest_id
from volunteer.queries.members import get_member
from volunteer.services.detectors import find_reviews
from volunteer.services.reviews import decide_reviews, mute_review
from volunteer.services.settlements import settle_days

_MUTED = "当天读卡器断电，值班负责人已在现场核对签退，不用再提醒。"


def list_steps(story: Story) -> Iterator[Step]:
    """Early months are settled; the detectors look; the brigade and the detachment decide some items."""
    zone, own = story.tools.zone, story.people(DETACHMENT)
    settled_at = datetime.combine(story.settled_before, time(6), zone)
    yield Step(settled_at, "", lambda scene: settle_days(scene.now, zone), is_repeatable=True)
    yield Step(story.at(2, 6), "", lambda scene: find_reviews(scene.now, zone), is_repeatable=True)
    for number in story.people("ZD02")[:1]:
        yield _decide(story.at(1, 9), number, ReviewState.ACCEPTED)
    for number in story.people(SQUADRON)[1:2]:
        yield _decide(story.at(1, 10), number, ReviewState.REJECTED)
    for number in own[2:3]:
        yield _mute(story.at(1, 11), number)


def _decide(at: datetime, number: str, state: ReviewState) -> Step:
    def decide(scene: Scene) -> None:
        decide_reviews([_item(ReviewKind.LONG_DAY, number)], state, _desk(scene))

    return Step(at, "admin.decide_reviews", decide, "DD")


def _mute(at: datetime, number: str) -> Step:
    def mute(scene: Scene) -> None:
        mute_review(_item(ReviewKind.FORGOTTEN, number), _MUTED, _desk(scene))

    return Step(at, "admin.mute_review", mute, DETACHMENT)


def _item(kind: ReviewKind, number: str) -> int:
    return newest_id(ReviewItem, kind=kind, member_id=get_member(number).id)


def _desk(scene: Scene) -> ReviewDesk:
    return ReviewDesk(scene.admin_id, scene.scope, scene.now, scene.zone)
