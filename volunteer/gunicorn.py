"""How the production web server runs: processes for the cores, threads for slow clients."""

import gc
import os

# A scan waits for the database more than it computes, and threads of one process wait for each
# other as well: two processes a core with two threads each answered half as much again as one with four.
workers = int(os.environ.get("VOLUNTEER_WORKERS", min(2 * (os.cpu_count() or 2), 16)))
worker_class = "gthread"
threads = 2
keepalive = 30
timeout = 60
graceful_timeout = 15
preload_app = False
accesslog = None
errorlog = "-"
loglevel = "warning"


def post_worker_init(worker: object) -> None:
    """What is loaded now stays for ever: the garbage collector need not look through it again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
