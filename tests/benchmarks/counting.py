"""Asked with `X-Count`, an answer says how many queries it took, and nothing else."""

from collections import deque
from itertools import count

from django.db import connection


def counting(app):
    def application(environ, start_response):
        if "HTTP_X_COUNT" not in environ:
            return app(environ, start_response)
        number, started = count(), []

        def note(execute, *asked):
            next(number)
            return execute(*asked)

        with connection.execute_wrapper(note):
            parts = app(environ, lambda *answer: started.append(answer))
            deque(parts, maxlen=0)
            getattr(parts, "close", lambda: None)()
        start_response(started[0][0], [("X-Queries", str(next(number))), ("Content-Length", "0")])
        return []

    return application
