"""How gunicorn serves the portal, on a laptop as in production; `--bind` and the environment override it."""

import os
from pathlib import Path

# So that the project is found from whatever directory gunicorn is started.
chdir = str(Path(__file__).resolve().parent.parent)
bind = "127.0.0.1:8000"

worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = 4
# A worker takes in no more than it soon answers. The rest waits in the socket, where no worker loses it
# when it dies and another one may take it.
worker_connections = 4 * threads

# Workers show that they live by touching a file: on a disk that is busy, that can stall them.
# gunicorn makes it itself, without a name.
if os.access("/dev/shm", os.W_OK):  # noqa: S108  # nosec B108
    worker_tmp_dir = "/dev/shm"  # noqa: S108  # nosec B108

# Of a request's head: longer ones are refused before the portal sees them. The portal itself refuses an
# address of more than 4,000 characters, in words.
limit_request_line = 8190
limit_request_fields = 100
limit_request_field_size = 8190

# A worker that leaks is replaced, and not both at once; nor so often that a busy site spends its time on
# starting workers, whose caches are empty.
max_requests = 200_000
max_requests_jitter = 20_000

# After SIGTERM or SIGHUP, requests in hand have this many seconds to finish.
graceful_timeout = 30

# The proxy in front logs requests.
accesslog = None

# It would lie in the home directory, where two servers of one user meet and a service may not write.
control_socket_disable = True
