"""What every answer tells browsers: one policy for the site, its files, its errors and the admin."""

# Nothing that is not named here loads; nothing comes from another host, and nothing inline runs.
POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    # data: is the picture with the key of one-time codes, which no address may hold.
    "img-src": "'self' data:",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "object-src": "'none'",
    "frame-ancestors": "'none'",
}
# The powerful features that browsers know by name: no page here asks for any of them.
UNUSED = (
    "accelerometer",
    "autoplay",
    "camera",
    "display-capture",
    "encrypted-media",
    "fullscreen",
    "geolocation",
    "gyroscope",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "picture-in-picture",
    "screen-wake-lock",
    "serial",
    "usb",
    "xr-spatial-tracking",
)
PERMISSIONS = ", ".join(f"{feature}=()" for feature in UNUSED)


def policy(**changed):
    """The Content-Security-Policy; `frame_ancestors="*"` and the like change one directive each."""
    changed = {name.replace("_", "-"): value for name, value in changed.items()}
    return "; ".join(f"{name} {value}" for name, value in {**POLICY, **changed}.items())


CLOSED, FRAMED = policy(), policy(frame_ancestors="*")


def security(get_response):
    """Middleware, the outermost: what answers ahead of the views (files, redirects, refusals) has it too.

    Answers that scripts of other sites may read (CORS) may also be loaded there; all others stay at home.
    """

    def middleware(request):
        response = get_response(request)
        is_framed = getattr(response, "xframe_options_exempt", False)
        response.headers.setdefault("Content-Security-Policy", FRAMED if is_framed else CLOSED)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        is_open = is_framed or response.get("Access-Control-Allow-Origin") == "*"
        response.headers.setdefault(
            "Cross-Origin-Resource-Policy", "cross-origin" if is_open else "same-origin"
        )
        return response

    return middleware
