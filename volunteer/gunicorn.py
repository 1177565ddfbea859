"""How the production web server runs: processes for the cores, threads for slow clients."""

import gc
import os

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


def post_worker_init(worker: object) -> None:
    """Tell Python's collector that what is loaded stays: it spent a sixth of a batch looking through it."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 50)
