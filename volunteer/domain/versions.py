"""Versions: whether a row still says what it said when a form showed it."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime

from volunteer.domain.refusals import N_, Collision


class ChangedMeanwhile(Collision):
    code = "changed_meanwhile"
    msgid = N_(
        "您打开这个表单之后，别人修改了其中的内容，您填写的还没有保存。"
        "请先核对；再按一次“保存”，就以您填写的为准。"
    )


def version_of(values: Mapping[str, object]) -> str:
    """What stands for these values in a form: equal for equal values, and it gives none of them away."""
    text = json.dumps(values, sort_keys=True, ensure_ascii=False, default=_plain)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def require_version(shown: str | None, values: Mapping[str, object]) -> None:
    """Refuse to save over values that are no longer those the form showed; None asks nothing."""
    if shown is not None and shown != version_of(values):
        raise ChangedMeanwhile()


def _plain(value: object) -> str:
    # The same instant reads differently in another zone.
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else str(value)
