"""Who wants to join in the demo: one taken in, one turned away, three waiting."""

from collections.abc import Iterator

from volunteer.demo.incidents import DETACHMENT, SQUADRON
from volunteer.domain.consents import Purpose
from volunteer.loading.story import Story
from volunteer.loading.telling import Scene, Step
from volunteer.models.registrations import Registration
from volunteer.queries.demo import list_unit_ids, newest_id
from volunteer.services.registrations import (
    Application,
    Decision,
    approve_registration,
    register,
    reject_registration,
)

TAKEN_IN, _TURNED_AWAY = "周晓岚", "谢立冬"
_APPLICANTS = {
    TAKEN_IN: DETACHMENT,
    _TURNED_AWAY: DETACHMENT,
    "冯若琳": DETACHMENT,
    "梁永安": DETACHMENT,
    "杜海清": SQUADRON,
}
_NOT_OURS = "您登记的单位不属于本队，请向所在单位的队伍申请加入。"


def list_steps(story: Story) -> Iterator[Step]:
    """Five visitors ask; the detachment answers the first two."""
    for place, (name, team) in enumerate(_APPLICANTS.items()):
        yield _register(story, place, name, (team, story.team(team).unit))
    yield Step(story.at(6, 9), "admin.registration", _take_in, DETACHMENT)
    yield Step(story.at(5, 9), "admin.registration", _turn_away, DETACHMENT)


def _register(story: Story, place: int, name: str, home: tuple[str, str]) -> Step:
    (team, unit), agreed = home, frozenset({Purpose.RECORDING, Purpose.CONTACT})

    def ask(scene: Scene) -> None:
        phone = f"1990000{place:04}"
        application = Application(name, phone, team, list_unit_ids()[unit], agreed)
        register(application, story.tools.contact_key, scene.now)

    return Step(story.at(8 - place, 19, 30), "public.register", ask)


def _take_in(scene: Scene) -> None:
    approve_registration("", _decision(scene, TAKEN_IN))


def _turn_away(scene: Scene) -> None:
    reject_registration(_NOT_OURS, _decision(scene, _TURNED_AWAY))


def _decision(scene: Scene, name: str) -> Decision:
    registration_id = newest_id(Registration, name=name)
    return Decision(registration_id, scene.admin_id, scene.scope, scene.now, scene.zone)
