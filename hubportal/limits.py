"""What one request may ask of the server: bounds that nobody meets who reads or edits."""

import logging

from django.shortcuts import render

from ecosystem.renderers import is_data, problem
from hubportal.audit import note

# Characters of an address, query included: more than every filter of a list together with a search.
LONGEST_ADDRESS = 4000
# Bytes of a body: a form with hundreds of statements, or a file to import.
LARGEST_BODY = 5 * 2**20


def limits(get_response):
    """Middleware that refuses in words before anything is read or parsed."""

    def middleware(request):
        if len(request.META.get("QUERY_STRING", "")) + len(request.path) > LONGEST_ADDRESS:
            return refused(request, 400, f"An address has at most {LONGEST_ADDRESS:,} characters here.")
        length = request.META.get("CONTENT_LENGTH") or ""
        # What is no number is no length: Django then reads nothing.
        if length.isdecimal() and int(length) > LARGEST_BODY:
            return refused(request, 413, f"What is sent has at most {LARGEST_BODY // 2**20} megabytes here.")
        return get_response(request)

    return middleware


def refused(request, status, sentence):
    if is_data(request.path):
        return problem(status, sentence)
    context = {"heading": "This is more than the site takes", "sentence": sentence}
    return render(request, "400.html", context, status=status)


def too_many(request, exception=None):
    """Answer an account's form that came too often, or while nobody can count how often (handler429)."""
    note(logging.WARNING, "rate-limited", request)
    sentence = "Too many attempts came from your network, or they cannot be counted now. Wait a minute."
    response = refused(request, 429, sentence)
    response["Retry-After"] = "60"
    return response
