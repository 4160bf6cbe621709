"""Unkept: what pages say of customers stays in no browser's memory after the page is left."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.http import HttpRequest
from django.http.response import HttpResponseBase

PERSONAL: Final = ("/desk/", "/t/", "/s/", "/filed", "/kiosk/", "/api/")
"""Addresses whose pages tell of somebody: who presses Back after a logout is shown none."""


def unkept(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Forbid browsers and proxies to keep personal pages that do not say otherwise themselves."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if request.path.startswith(PERSONAL) and "Cache-Control" not in response:
            response["Cache-Control"] = "private, no-store"
        return response

    return answer
