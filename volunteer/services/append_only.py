"""Whether the database still refuses changes; and teaching it again where somebody made it forget."""

from datetime import datetime

from sqlalchemy import text

from volunteer.db import db, transaction
from volunteer.domain.installation_refusals import TriggersMissing
from volunteer.models.duty_days import Setting
from volunteer.queries.append_only import FUNCTION, list_missing_triggers

_RESTORED, _LONGEST = "triggers_restored", 160


def require_append_only() -> None:
    """Refuse to go on with a database in which scans, ledger, seals or audit could be changed."""
    missing = [trigger.name for trigger in list_missing_triggers()]
    db.session.rollback()
    if missing:
        raise TriggersMissing(triggers="、".join(missing))


def restore_triggers(now: datetime) -> list[str]:
    """Make the missing triggers anew; their names. What happened meanwhile they cannot tell."""
    with transaction():
        missing = list_missing_triggers()
        if missing and db.session.connection().dialect.name == "postgresql":
            db.session.execute(text(FUNCTION))
        for trigger in missing:
            db.session.execute(text(f"DROP TRIGGER IF EXISTS {trigger.name}{_of(trigger.table)}"))
            db.session.execute(text(trigger.statement))
        if missing:
            # A row that changes, so that the audit tells of it.
            names = " ".join(trigger.name for trigger in missing)[:_LONGEST]
            db.session.merge(Setting(name=_RESTORED, value=f"{now.isoformat()} {names}"))
    return [trigger.name for trigger in missing]


def _of(table: str) -> str:
    return f" ON {table}" if db.session.connection().dialect.name == "postgresql" else ""
