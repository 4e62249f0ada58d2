"""How long a request waits for a database or a cache that does not answer, before readers get a 503."""

from contextvars import ContextVar

# Seconds. Whoever reads gets a page that was kept, or a 503, in less than two; whoever saves waits behind the
# lock of somebody else's save rather than losing what was typed.
READING, SAVING = 1, 20
# Seconds for which a database that kept somebody waiting is not asked again, so that not every thread waits.
PAUSE = 2

# Seconds that the request in hand may wait; None: no request, but a command, which waits as long as it takes.
patience = ContextVar("patience", default=None)
