"""How the production web server runs: processes for the cores, threads for slow clients."""

import gc
import os
from typing import Any

# A terminal keeps its connection, and a connection stays with one process: a few more processes
# and threads than cores keep some of them from idling while others queue.
workers = int(os.environ.get("VOLUNTEER_WORKERS", min(2 * (os.cpu_count() or 2), 16)))
worker_class = "gthread"
threads = 4
keepalive = 30
timeout = 60
graceful_timeout = 15
preload_app = False
accesslog = None
errorlog = "-"
loglevel = "warning"


def _cry_out(worker: Any) -> None:
    from volunteer.domain.refusals import Refusal
    from volunteer.services.append_only import require_append_only

    try:
        with worker.wsgi.app_context():
            require_append_only()
    except Refusal as refusal:
        worker.log.critical("%s", refusal.sentence)
    except Exception as error:  # the pages themselves say that the database is gone
        worker.log.warning("append-only triggers not checked: %s", error)


def post_worker_init(worker: Any) -> None:
    """Look at the database's triggers; then tell Python's collector that what is loaded stays.

    The collector spent a sixth of a batch looking through it. Missing triggers are cried out
    and no reason to turn stations away: a scan that is kept is worth more than none.
    """
    _cry_out(worker)
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 50)
