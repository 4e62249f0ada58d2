"""A filtered list inside pages of other sites: bare, with the source named and a link back."""


class Embedded:
    """Turns a list view into its embedded form."""

    template = "ecosystem/embed.html"

    def dispatch(self, request, *args, **kwargs):
        response = super().dispatch(request, *args, **kwargs)
        # These pages alone may be framed: nothing on them can be clicked to any effect.
        response.xframe_options_exempt = True
        response["X-Robots-Tag"] = "noindex"
        return response


def embedded(view):
    """The view function of a list view's embedded form."""
    return type(f"Embedded{view.__name__}", (Embedded, view), {}).as_view()
