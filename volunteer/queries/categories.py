"""The categories that the brigade added to the built-in ones."""

from sqlalchemy import select

from volunteer.db import db
from volunteer.domain.categories import BUILT_IN, CategoryUnknown, own_code
from volunteer.models.activities import ActivityCategory


def list_categories() -> list[ActivityCategory]:
    """All of them, those no longer chosen too, the oldest first."""
    return list(db.session.execute(select(ActivityCategory).order_by(ActivityCategory.id)).scalars())


def list_category_names() -> dict[str, tuple[str, str]]:
    """By code their Chinese names, and the English ones where there are any."""
    statement = select(ActivityCategory.id, ActivityCategory.name, ActivityCategory.name_en)
    return {own_code(row.id): (row.name, row.name_en) for row in db.session.execute(statement)}


def get_category(category_id: int) -> ActivityCategory:
    """One of them as it is now; refuses where there is none."""
    found = db.session.get(ActivityCategory, category_id, populate_existing=True)
    if found is None:
        raise CategoryUnknown()
    return found


def list_open_codes() -> list[str]:
    """The codes that an activity may be given now: the built-in ones, and the own ones that are in use."""
    statement = select(ActivityCategory.id).where(ActivityCategory.ended_on.is_(None))
    own = db.session.execute(statement.order_by(ActivityCategory.id)).scalars()
    return [*BUILT_IN, *(own_code(one) for one in own)]


def is_category_name_taken(name: str, but_id: int = 0) -> bool:
    """Whether a built-in category, or another one in use, has this name."""
    statement = select(ActivityCategory.id).where(
        ActivityCategory.name == name, ActivityCategory.ended_on.is_(None), ActivityCategory.id != but_id
    )
    return name in BUILT_IN.values() or db.session.execute(statement).first() is not None
