"""Asked with `X-Count`, an answer says how many queries it took."""

from django.db import connection


def counting(app):
    def application(environ, start_response):
        if "HTTP_X_COUNT" not in environ:
            return app(environ, start_response)
        queries, started = [], []

        def note(execute, sql, *rest):
            queries.append(sql)
            return execute(sql, *rest)

        with connection.execute_wrapper(note):
            body = b"".join(app(environ, lambda *answer: started.append(answer)))
        status, headers = started[0][:2]
        start_response(status, [*headers, ("X-Queries", str(len(queries)))])
        return [body]

    return application
