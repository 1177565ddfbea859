"""Paper sheets of the demo: one approved by the brigade, one that waits for it."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from volunteer.demo.incidents import DETACHMENT
from volunteer.demo.places import BRIGADE_CODE
from volunteer.domain.paper_sheets import SheetRow
from volunteer.loading.corrections import SEEN
from volunteer.loading.story import Story
from volunteer.loading.telling import Scene, Step
from volunteer.models.corrections import Correction, PaperSheet
from volunteer.queries.demo import list_ids_of, newest_id
from volunteer.queries.stations import get_station
from volunteer.services.correction_decisions import approve_corrections
from volunteer.services.paper_sheets import Sheet, enter_sheet

_POWER_CUT = "社区停电，读卡器不能用，改用纸质签到表，原表存分队办公室。"


def list_steps(story: Story) -> Iterator[Step]:
    """The detachment enters two evenings on which the station had no power."""
    people = story.people(DETACHMENT)[12:20]
    rows = [SheetRow(one, "18:30", "20:15" if place % 2 else "20:30") for place, one in enumerate(people)]
    if not rows:
        return
    first_on, last_on = story.at(12, 0).date(), story.at(5, 0).date()
    yield _enter(story.at(9, 10), first_on, rows[:5])
    yield Step(story.at(7, 14), "admin.approve_sheet", lambda scene: _approve(scene, first_on), BRIGADE_CODE)
    yield _enter(story.at(2, 10), last_on, rows[-4:])


def _enter(at: datetime, day: date, rows: Sequence[SheetRow]) -> Step:
    def enter(scene: Scene) -> None:
        enter_sheet(Sheet(get_station("J04").id, day, None, _POWER_CUT), rows, scene.desk)

    return Step(at, "admin.new_paper_sheet", enter, DETACHMENT)


def _approve(scene: Scene, day: date) -> None:
    sheet_id = newest_id(PaperSheet, served_on=day)
    approve_corrections(list_ids_of(Correction, sheet_id=sheet_id), SEEN, scene.desk)
