"""A list in the demo that was uploaded and looked at row by row, and waits to be written."""

from collections.abc import Iterator
from io import BytesIO
from itertools import islice

from volunteer.db import db
from volunteer.demo.incidents import DETACHMENT
from volunteer.domain.imports import ImportKind, ImportState
from volunteer.loading.story import Story
from volunteer.loading.telling import Scene, Step
from volunteer.models.imports import Import
from volunteer.models.members import Admin
from volunteer.queries.demo import list_ids_of
from volunteer.reading.workbooks import read_list
from volunteer.services.import_work import work_on
from volunteer.services.imports import SAMPLE_ROWS, choose_columns, guess_matching, start_import
from volunteer.services.member_imports import MemberLists

_FILE = "新入职人员名单（演示）.csv"
# A title above the headings, a number in full-width digits, spaces in a name, and a row without a name.
_LIST = """新入职人员名单,,
编号,姓名,单位
LL800001,何晓梅,{unit}
ＬＬ８００００２,张 伟,{unit}
LL800003,,{unit}
LL800004,欧阳志强,{unit}
LL800005,林小红,{unit}
{known},{name},{unit}
"""


def list_steps(story: Story) -> Iterator[Step]:
    """The detachment brings new people; one of them is known already."""
    unit = story.team(DETACHMENT).unit
    admin = story.district.admin_of(DETACHMENT)
    text = _LIST.format(unit=unit, known=admin.volunteer_no, name=admin.name)

    def bring(scene: Scene) -> None:
        keys, file = story.tools.id_keys, BytesIO(text.encode())
        kind = MemberLists(keys, scene.zone, story.tools.contact_key, scene.admin_id, allows_invented=True)
        team_id = db.session.get_one(Admin, scene.admin_id).team_id
        for import_id in list_ids_of(Import) or [
            start_import(
                ImportKind.MEMBERS, file, _FILE, scene.admin_id, team_id, sorted(scene.scope), keys, scene.now
            )
        ]:
            if db.session.get_one(Import, import_id).state == ImportState.MATCHING:
                (sheet,) = read_list(file)
                rows = list(islice(sheet.filled_rows(), SAMPLE_ROWS))
                choose_columns(import_id, sheet.name, *guess_matching(rows, kind), kind, scene.now)
            work_on(import_id, kind, keys, lambda: scene.now)

    yield Step(story.at(1, 17), "admin.begin_import", bring, DETACHMENT, is_repeatable=True)
