"""Categories of the brigade's own: added, renamed, ended. What an activity has it keeps."""

from datetime import date, datetime

from volunteer.db import db, transaction
from volunteer.domain.categories import CategoryOver, clean_category_names
from volunteer.domain.refusals import TitleTaken
from volunteer.models.activities import ActivityCategory
from volunteer.queries.categories import get_category, is_category_name_taken


def add_category(name: str, name_en: str, admin_id: int, now: datetime) -> ActivityCategory:
    """A new category that every team can choose."""
    name, name_en = clean_category_names(name, name_en)
    with transaction():
        _require_free(name)
        made = ActivityCategory(name=name, name_en=name_en, made_by_id=admin_id, made_at=now)
        db.session.add(made)
    return made


def rename_category(category_id: int, name: str, name_en: str) -> None:
    """Another name for a category in use; activities that have it are shown with the new one."""
    name, name_en = clean_category_names(name, name_en)
    with transaction():
        found = _get_open(category_id)
        _require_free(name, found.id)
        found.name, found.name_en = name, name_en


def end_category(category_id: int, on: date) -> None:
    """No activity can be given the category from now on; those that have it keep it."""
    with transaction():
        _get_open(category_id).ended_on = on


def _get_open(category_id: int) -> ActivityCategory:
    found = get_category(category_id)
    if found.ended_on is not None:
        raise CategoryOver()
    return found


def _require_free(name: str, but_id: int = 0) -> None:
    if is_category_name_taken(name, but_id):
        raise TitleTaken(name=name)
