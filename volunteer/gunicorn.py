"""How the production web server runs: processes for the cores, threads for slow clients."""

import os

workers = int(os.environ.get("VOLUNTEER_WORKERS", min(os.cpu_count() or 2, 8)))
worker_class = "gthread"
threads = 4
keepalive = 30
timeout = 60
graceful_timeout = 15
preload_app = False
accesslog = None
errorlog = "-"
loglevel = "warning"
