"""What members of the demo agreed to, on the page or on paper, and a request to erase something."""

from collections.abc import Iterator
from datetime import datetime

from volunteer.demo.incidents import DETACHMENT
from volunteer.demo.places import BRIGADE_CODE
from volunteer.domain.consents import Purpose
from volunteer.domain.erasures import ErasurePart
from volunteer.loading.story import Story
from volunteer.loading.telling import Scene, Step
from volunteer.queries.members import get_member
from volunteer.services.consents import decide_consent, record_paper_consent
from volunteer.services.erasures import ask_erasure
from volunteer.services.notices import note_reading, set_privacy_contact

_ON_PAPER = "入队时签的纸质同意书，存分队办公室。"
_ERASURE = "个人资料里的特长已经过时，请删除。"
_CONTACT = "龙岭区机关志愿服务大队办公室（演示）"


def list_steps(story: Story) -> Iterator[Step]:
    """The brigade says whom to write to; members agree, one takes it back, one wants something erased."""
    yield Step(
        story.at(300, 9), "admin.privacy_contact", lambda _scene: set_privacy_contact(_CONTACT), BRIGADE_CODE
    )
    people, own = story.people(DETACHMENT), story.district.demo_member.volunteer_no
    for number in people[:6]:
        yield _enter(story.at(280, 10), number)
    for number in (own, *people[3:5]):
        yield Step(story.at(100, 12), "", _read, member=number)
        for minute, purpose in enumerate((Purpose.CONTACT, Purpose.PHOTO)):
            yield _decide(story.at(100, 12, 10 + minute), number, purpose, is_given=True)
    # Of the others it is there on paper.
    yield _decide(story.at(100, 12, 20), own, Purpose.RECORDING, is_given=True)
    yield _decide(story.at(25, 21), own, Purpose.PHOTO, is_given=False)
    for number in people[7:8]:
        yield Step(story.at(2, 20), "member.my_data", _ask_erasure, member=number)


def _enter(at: datetime, number: str) -> Step:
    """The detachment enters what was signed on paper."""

    def enter(scene: Scene) -> None:
        record_paper_consent(
            get_member(number).id,
            Purpose.RECORDING,
            scene.today,
            scene.admin_id,
            _ON_PAPER,
            scene.now,
            scene.today,
            is_given=True,
            scope=scene.scope,
        )

    return Step(at, "admin.record_consent", enter, DETACHMENT)


def _decide(at: datetime, number: str, purpose: Purpose, *, is_given: bool) -> Step:
    def decide(scene: Scene) -> None:
        decide_consent(scene.member_id, purpose, scene.now, scene.today, is_given=is_given)

    return Step(at, "member.decide", decide, member=number)


def _read(scene: Scene) -> None:
    note_reading(scene.member_id, scene.now)


def _ask_erasure(scene: Scene) -> None:
    ask_erasure(scene.member_id, [ErasurePart.SKILLS], _ERASURE, scene.now)
