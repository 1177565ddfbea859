"""Activities to come in the demo: who signed up, waits, took leave, or looks for a substitute."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime

from volunteer.db import db
from volunteer.demo.activities import CONTENTS
from volunteer.demo.incidents import DETACHMENT
from volunteer.demo.places import BRIGADE_CODE
from volunteer.domain.activities import ActivityFields, Category, RiskLevel
from volunteer.loading.story import Story
from volunteer.loading.telling import Scene, Step
from volunteer.loading.training import FIRST_AID
from volunteer.models.activities import Activity
from volunteer.models.members import Admin
from volunteer.queries.demo import newest_id
from volunteer.queries.stations import get_station
from volunteer.services.activities import add_activity, cancel_activity, publish_activity
from volunteer.services.participations import ask_substitute, decline, sign_up, take_leave

_CROSSING, _RIVER, _VISIT, _FAIR = "早高峰路口文明劝导", "河道巡护", "探望独居老人", "便民服务集市"
_STATIONS = {_CROSSING: "U01", _RIVER: "J05", _VISIT: "J06", _FAIR: "J04"}
_CANCELLED = "场地临时封闭施工，改期另行通知。"
_LEAVE = "当天单位有会，请假。"
# The activity, the member, and when.
Answer = Callable[[int, int, datetime], object]


def list_steps(story: Story) -> Iterator[Step]:
    """Two of the brigade's, two of the detachment's: open, full, still a draft, called off."""
    crossing = _fields(story, _CROSSING, Category.CIVIL_TRAVEL, DETACHMENT, -6)
    yield from _add(story.at(6, 10), replace(crossing, places=5), DETACHMENT)
    river = _fields(story, _RIVER, Category.BEAUTIFICATION, BRIGADE_CODE, -9)
    river = replace(river, places=30, insurance_no="DEMO-0001", risk_level=RiskLevel.LOW)
    river = replace(river, risk_note="河岸湿滑，请穿防滑鞋，不要下水。")
    yield from _add(story.at(6, 11), river, BRIGADE_CODE)
    fair = _fields(story, _FAIR, Category.COMMUNITY_VISIT, BRIGADE_CODE, -4)
    yield from _add(story.at(6, 12), fair, BRIGADE_CODE)
    visit = _fields(story, _VISIT, Category.WARMTH, DETACHMENT, -12)
    # Not published: it waits for whoever tries the pages.
    yield next(_add(story.at(1, 16), replace(visit, training_needed=FIRST_AID), DETACHMENT))
    yield Step(
        story.at(2, 9),
        "admin.activity_cancel",
        lambda scene: cancel_activity(newest_id(Activity, name=_FAIR), _CANCELLED, scene.now),
        BRIGADE_CODE,
    )
    yield from _answers(story)


def _answers(story: Story) -> Iterator[Step]:
    """More sign up for the crossing than it has places."""
    people, own = story.people(DETACHMENT), story.district.demo_member.volunteer_no
    for minute, number in enumerate(people[6:13]):
        yield _answer(story.at(3, 12, minute), number, _CROSSING, sign_up)
    for number in people[7:8]:
        yield _answer(story.at(2, 18), number, _CROSSING, _take_leave)
    for number, other in zip(people[8:9], people[14:15], strict=False):
        yield _answer(story.at(1, 18), number, _CROSSING, _ask(other))
    for minute, number in enumerate((own, *people[:4])):
        yield _answer(story.at(3, 13, minute), number, _RIVER, sign_up)
    for number in people[14:15]:
        yield _answer(story.at(2, 13), number, _RIVER, decline)


def _fields(story: Story, name: str, category: Category, team: str, days_ago: int) -> ActivityFields:
    places = {station.code: station.address for station in story.district.stations}
    return ActivityFields(
        name=name,
        category=category,
        place=places[_STATIONS[name]],
        content=CONTENTS[category],
        starts_at=story.at(days_ago, 8, 30),
        ends_at=story.at(days_ago, 11),
        organising_unit=story.team(team).name,
        person_in_charge=story.district.admin_of(team).name,
    )


def _add(at: datetime, fields: ActivityFields, team: str) -> Iterator[Step]:
    """Written as a draft, then published."""

    def add(scene: Scene) -> None:
        team_id = None if scene.is_brigade else db.session.get_one(Admin, scene.admin_id).team_id
        add_activity(fields, team_id, get_station(_STATIONS[fields.name]).id, scene.now)

    def publish(scene: Scene) -> None:
        publish_activity(newest_id(Activity, name=fields.name), scene.now)

    yield Step(at, "admin.new_activity", add, team)
    yield Step(at, "admin.activity_publish", publish, team)


def _answer(at: datetime, number: str, name: str, answer: Answer) -> Step:
    return Step(
        at,
        "member.activity",
        lambda scene: answer(newest_id(Activity, name=name), scene.member_id, scene.now),
        member=number,
    )


def _take_leave(activity_id: int, member_id: int, now: datetime) -> None:
    take_leave(activity_id, member_id, _LEAVE, now)


def _ask(other: str) -> Answer:
    return lambda activity_id, member_id, now: ask_substitute(activity_id, member_id, other, now)
