"""When two addresses lead to the same page, and when two names mean the same."""

import re
import unicodedata
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urlsplit

# What campaigns and share buttons hang on an address; the page is the same without it.
TRACKING = re.compile(
    r"utm_\w+|gclid|dclid|fbclid|msclkid|yclid|igshid|mc_[ce]id|spm|scm|share_token|from_?source", re.I
)
# Escapes that are no UTF-8 (older Chinese sites have them) come back as they went in.
BYTES = {"errors": "surrogateescape"}
LONGEST_URL = 500
DEFAULT_PORTS = {"http": 80, "https": 443}
# Forms of incorporation, which one writer adds and the next leaves out.
LEGAL_FORM = re.compile(
    r"( (co|company|corp|corporation|inc|incorporated|llc|limited|ltd|plc|gmbh|ag))+$"
    r"|(股份有限公司|有限责任公司|有限公司|公司)$"
)


def normal_url(url):
    """Turn a web address into the form by which two addresses of one page are recognised; "" if it is none.

    Left out are the scheme, `www.`, the scheme's own port, a slash at the end, the fragment (but for `#/…`
    and `#!…`, by which some sites name their pages) and parameters that only track. The host is in lower
    case, parameters are sorted, escapes are written one way. Rules after RFC 3986, section 6.2. The result
    is for comparison only, and cut off after 500 characters.
    """
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        return ""
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname:
        return ""
    host = parts.hostname.rstrip(".").removeprefix("www.")
    if port not in (None, DEFAULT_PORTS[parts.scheme]):
        host = f"{host}:{port}"
    path = quote(unquote(parts.path, **BYTES), safe="/:@!$&'()*+,;=~", **BYTES).rstrip("/")
    pairs = parse_qsl(parts.query, keep_blank_values=True, **BYTES)
    query = urlencode(sorted(pair for pair in pairs if not TRACKING.fullmatch(pair[0])), **BYTES)
    fragment = parts.fragment if parts.fragment.startswith(("/", "!")) else ""
    return SplitResult("", host, path, query, fragment).geturl().removeprefix("//")[:LONGEST_URL]


def pasted_url(text):
    """The web address that somebody typed or pasted, with the scheme that is often left out; "" if none."""
    text = text.strip()
    if " " in text or not re.match(r"https?://|www\.|[\w-]+(\.[\w-]+)+/", text, re.I):
        return ""
    return text if re.match("https?://", text, re.I) else f"https://{text}"


def normal_name(name):
    """Turn a name into words in lower case without punctuation and without the form of incorporation."""
    words = re.sub(r"[\W_]+", " ", unicodedata.normalize("NFKC", name).casefold()).strip()
    return LEGAL_FORM.sub("", words) or words
