"""The process that judges, writes or takes back an import: ``python -m volunteer.imports ID``.

It leaves a child behind and ends at once, so that a web worker neither waits for the
work nor keeps a dead process in its table. Settings come from the environment.
"""

import os
import sys
from datetime import UTC, datetime


def main() -> None:
    """Begin in a child of its own session. What is slow to load is loaded only there."""
    import_id = int(sys.argv[1])
    if os.fork() == 0:
        os.setsid()
        run(import_id)


def run(import_id: int) -> None:
    """Go on with the import to the end of what its state asks for."""
    from volunteer.factory import create_app
    from volunteer.services.import_work import work_on
    from volunteer.web.admin.import_kinds import id_keys, kind_of

    app = create_app()
    with app.app_context():
        _act_for_who_imports(import_id)
        work_on(import_id, kind_of(import_id), id_keys(), lambda: datetime.now(UTC))


def _act_for_who_imports(import_id: int) -> None:
    """What is written stands in the audit as the act of the admin who said so."""
    from flask import current_app

    from volunteer.auditing import Acting, act_as
    from volunteer.db import db
    from volunteer.domain.audit import derive_name_key
    from volunteer.models.imports import Import
    from volunteer.models.members import Admin

    found = db.session.get_one(Import, import_id)
    admin = db.session.get_one(Admin, found.admin_id)
    key = derive_name_key(current_app.config["SECRET_KEY"])
    who = f"admin:{admin.username}"
    act_as(db.session(), Acting("admin.import", who, lambda: datetime.now(UTC), key, admin.id, found.team_id))


if __name__ == "__main__":
    main()
