"""Training and commendations of the demo: confirmed from who checked in, entered by hand, voided."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from volunteer.demo.incidents import DETACHMENT, FIRST_COURSE
from volunteer.demo.places import BRIGADE_CODE
from volunteer.domain.commendations import CommendationFields
from volunteer.domain.training_records import TrainingFields
from volunteer.loading.story import Story
from volunteer.loading.telling import Scene, Step
from volunteer.models.activities import Activity
from volunteer.models.training_records import Commendation, TrainingRecord
from volunteer.queries.demo import newest_id
from volunteer.queries.members import get_member
from volunteer.services.commendations import add_commendations, void_commendation
from volunteer.services.training_records import add_training_records, confirm_attendance, void_training_record

FIRST_AID = "心肺复苏与AED使用"
_FIRST_AID = "成人心肺复苏、AED的使用、气道异物梗阻的处理，考核合格。"
_INDUCTION = "志愿服务的基本要求、各服务站的位置和签到办法、安全须知。"
_PRAISED = "优秀志愿者"


def list_steps(story: Story) -> Iterator[Step]:
    """A course confirmed from check-ins, one entered by hand, and the year's commendations.

    The newest course is left for whoever tries the pages: who checked in waits to be confirmed.
    """
    people, brigade = story.people(DETACHMENT), story.team(BRIGADE_CODE).name
    unit = story.team(DETACHMENT).name
    course = next(one.activity for one in story.district.sessions if one.activity.name == FIRST_COURSE)
    induction = TrainingFields(FIRST_COURSE, _INDUCTION, 120, unit, course.starts_at.date())

    def confirm(scene: Scene) -> None:
        activity_id = newest_id(Activity, name=FIRST_COURSE)
        members = _ids(people[3:9])
        confirm_attendance(
            scene.scope, activity_id, members, induction, scene.admin_id, scene.today, scene.now
        )

    yield Step(story.at(35, 16), "admin.training_attendance", confirm, DETACHMENT)
    aid = TrainingFields(FIRST_AID, _FIRST_AID, 240, "区红十字会", story.at(75, 0).date())
    own = story.district.demo_member.volunteer_no
    yield _enter(story.at(70, 10), DETACHMENT, people[:6], aid)
    yield _enter(story.at(70, 11), BRIGADE_CODE, [own], aid)
    for number in people[5:6]:
        yield _void(story.at(69, 9), number)
    praise = CommendationFields(_PRAISED, story.at(120, 0).date(), brigade)
    yield _commend(story.at(118, 10), [own, *people[:3]], praise)
    for number in people[2:3]:
        yield _take_away(story.at(117, 10), number)


def _ids(numbers: Sequence[str]) -> list[int]:
    return [get_member(number).id for number in numbers]


def _enter(at: datetime, team: str, numbers: Sequence[str], fields: TrainingFields) -> Step:
    def enter(scene: Scene) -> None:
        add_training_records(_ids(numbers), fields, scene.admin_id, scene.today, scene.now)

    return Step(at, "admin.new_training", enter, team)


def _commend(at: datetime, numbers: Sequence[str], fields: CommendationFields) -> Step:
    def commend(scene: Scene) -> None:
        add_commendations(_ids(numbers), fields, scene.admin_id, scene.today, scene.now)

    return Step(at, "admin.new_commendation", commend, BRIGADE_CODE)


def _void(at: datetime, number: str) -> Step:
    def void(scene: Scene) -> None:
        record_id = newest_id(TrainingRecord, member_id=get_member(number).id, name=FIRST_AID)
        void_training_record(record_id, scene.admin_id, scene.now)

    return Step(at, "admin.void_training", void, DETACHMENT)


def _take_away(at: datetime, number: str) -> Step:
    def take_away(scene: Scene) -> None:
        commendation_id = newest_id(Commendation, member_id=get_member(number).id, name=_PRAISED)
        void_commendation(commendation_id, scene.admin_id, scene.now)

    return Step(at, "admin.commendation_void", take_away, BRIGADE_CODE)
