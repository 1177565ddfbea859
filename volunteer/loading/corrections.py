"""Corrections of the demo: asked for by members, entered by admins, on notice, approved, and refused."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from volunteer.demo.incidents import DETACHMENT, SQUADRON
from volunteer.demo.places import BRIGADE_CODE
from volunteer.domain.corrections import OLDEST_YEARS, CorrectionKind
from volunteer.domain.wishes import Wish
from volunteer.loading.story import Story, Visit
from volunteer.loading.telling import Scene, Step
from volunteer.models.corrections import Correction
from volunteer.models.records import ServiceRecord
from volunteer.queries.demo import find_record, newest_id
from volunteer.queries.members import get_member
from volunteer.queries.stations import get_station
from volunteer.services.correction_decisions import approve_correction, reject_correction
from volunteer.services.correction_notices import choose_settings, object_to, put_on_notice
from volunteer.services.corrections import ask_correction, enter_correction, take_up, withdraw_own

_NOTICE_DAYS = 5
_QUEUED = "读卡器前排队，刷卡的时间与实际到岗、离岗不一致；我按通知的时间到岗、结束，现场负责人可以证明。"
_LONGER = "活动结束后我又留下来收拾场地，请多算二十分钟。"
_NOT_LONGER = "现场负责人和值班表都写明活动按时结束，后来的收拾不在计划内，请按实际签退时间。"
_FORGOTTEN = "宣讲结束后帮忙搬展板，走的时候忘了刷卡，20:30 离开，现场负责人可以证明。"
_NO_CARD = "那天忘带卡，在社区登记独居老人的需求，社区工作人员有签名。"
_SUBSTITUTE = "这张卡当天由同事代刷，本人没有到场，这次时长应作废。"
_OBJECTION = "那天我也在社区，19:30 以后没有看到这位同事，请再核对一下。"
SEEN = "与值班表核对一致。"
PLANNED = timedelta(0)


def list_steps(story: Story) -> Iterator[Step]:
    """The stories of the detachment, of a squadron, and of the member whose account visitors may try."""
    visits = story.visits(story.people(DETACHMENT), since=75)
    for visit in visits[:1]:
        yield from _decided(story, visit, DETACHMENT, 7)
    for visit in visits[1:2]:
        yield from _refused(story, visit, DETACHMENT, 6)
    for visit in visits[2:4]:
        yield _ask(story.at(1, 20, 15), visit, _QUEUED)
    for visit in visits[4:5]:
        yield _enter(story.at(2, 16), visit, BRIGADE_CODE, CorrectionKind.CORRECTION, _QUEUED)
    for visit in visits[5:7]:
        yield _enter(story.at(2, 17), visit, DETACHMENT, CorrectionKind.VOID, _SUBSTITUTE)
    for visit in visits[7:8]:
        yield _ask(story.at(4, 19), visit, _QUEUED)
        yield Step(story.at(4, 21), "member.withdraw_correction", _withdraw, member=visit.volunteer_no)
    for number in story.people(DETACHMENT)[4:5]:
        yield Step(story.at(2, 8), "member.check_out", _ask_check_out, member=number)
    yield from _on_notice(story, story.people(DETACHMENT)[20:22])
    member = story.district.demo_member
    own = story.visits([member.volunteer_no])
    for visit in own[1:2]:
        yield from _decided(story, visit, member.team_code, 9)
    for visit in own[2:3]:
        yield from _refused(story, visit, member.team_code, 5)
    for visit in story.visits(story.people(SQUADRON), since=75)[:1]:
        yield _enter(story.at(3, 10), visit, SQUADRON, CorrectionKind.CORRECTION, _QUEUED)


def _decided(story: Story, visit: Visit, team: str, days_ago: int) -> Iterator[Step]:
    """Asked for, taken up by the own team, approved by the brigade."""
    number = visit.volunteer_no
    yield _ask(story.at(days_ago, 20), visit, _QUEUED)
    yield Step(
        story.at(days_ago - 1, 9),
        "admin.take_up_correction",
        lambda scene: take_up(newest_correction(number), None, scene.desk),
        team,
    )
    yield Step(
        story.at(days_ago - 1, 15),
        "admin.approve_hours",
        lambda scene: approve_correction(newest_correction(number), SEEN, scene.desk),
        BRIGADE_CODE,
    )


def _refused(story: Story, visit: Visit, team: str, days_ago: int) -> Iterator[Step]:
    """Asked for, and turned down by the own team with a sentence."""
    number = visit.volunteer_no
    yield _ask(story.at(days_ago, 21), visit, _LONGER, timedelta(minutes=20))
    yield Step(
        story.at(days_ago - 1, 9, 30),
        "admin.reject_hours",
        lambda scene: reject_correction(newest_correction(number), _NOT_LONGER, scene.desk),
        team,
    )


def _ask(at: datetime, visit: Visit, reason: str, longer: timedelta = PLANNED) -> Step:
    """The member asks for the planned times, or for more."""

    def ask(scene: Scene) -> None:
        record = find_record(scene.member_id, visit.served_on)
        wish = _wish(CorrectionKind.CORRECTION, reason, record, visit.starts_at, visit.ends_at + longer)
        ask_correction(scene.member_id, record.id, wish, scene.now, scene.zone)

    return Step(at, "member.ask_for_correction", ask, member=visit.volunteer_no)


def _ask_check_out(scene: Scene) -> None:
    """Who forgot to check out says when that was."""
    record = find_record(scene.member_id, None)
    left_at = record.checked_in_at + timedelta(hours=2, minutes=4)
    wish = _wish(CorrectionKind.CHECK_OUT, _FORGOTTEN, record, record.checked_in_at, left_at)
    ask_correction(scene.member_id, record.id, wish, scene.now, scene.zone)


def _enter(at: datetime, visit: Visit, team: str, kind: CorrectionKind, reason: str) -> Step:
    """An admin enters it; another one decides."""

    def enter(scene: Scene) -> None:
        record = find_record(get_member(visit.volunteer_no).id, visit.served_on)
        wish = _wish(kind, reason, record, visit.starts_at, visit.ends_at)
        enter_correction(visit.volunteer_no, record.id, wish, scene.desk)

    return Step(at, "admin.new_correction", enter, team)


def _withdraw(scene: Scene) -> None:
    withdraw_own(scene.member_id, newest_id(Correction, member_id=scene.member_id), scene.now)


def _on_notice(story: Story, people: list[str]) -> Iterator[Step]:
    """The brigade lets wishes be shown in the unit; a colleague has something to say about one."""
    yield Step(
        story.at(30, 9),
        "admin.correction_settings",
        lambda _scene: choose_settings(OLDEST_YEARS, _NOTICE_DAYS),
        BRIGADE_CODE,
    )
    if not people:
        return
    number, start = people[0], story.at(8, 18, 30)

    def enter(scene: Scene) -> None:
        kind, end = CorrectionKind.MAKEUP_RECORD, start + timedelta(hours=2)
        enter_correction(number, None, Wish(kind, _NO_CARD, get_station("J04").id, start, end), scene.desk)

    def object_(scene: Scene) -> None:
        object_to(scene.member_id, newest_correction(number), _OBJECTION, scene.now, scene.zone)

    yield Step(story.at(3, 14), "admin.new_correction", enter, DETACHMENT)
    yield Step(
        story.at(3, 14, 5),
        "admin.notice_correction",
        lambda scene: put_on_notice(newest_correction(number), scene.desk),
        DETACHMENT,
    )
    for other in people[1:]:
        yield Step(story.at(1, 12, 30), "member.object_to_notice", object_, member=other)


def newest_correction(volunteer_no: str) -> int:
    """The correction that was made last for this member."""
    return newest_id(Correction, member_id=get_member(volunteer_no).id)


def _wish(kind: CorrectionKind, reason: str, record: ServiceRecord, start: datetime, end: datetime) -> Wish:
    return Wish(kind, reason, record.station_id, start, end, record.activity_id)
