"""The portal as an app on a telephone: its manifest, its service worker, its page without network.

Nothing here is about anybody; the service worker keeps these pages alone.
"""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from pathlib import Path
from typing import Final

from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from huiyin.doors.portal.views import page_context
from huiyin.store.read import cases

SHELL: Final = (
    "huiyin/css/tokens.css",
    "huiyin/css/base.css",
    "huiyin/css/portal.css",
    "huiyin/icons/favicon.svg",
    "huiyin/icons/sprite.svg",
    "huiyin/js/later.js",
    "huiyin/js/app.js",
    "huiyin/js/portal.js",
)
"""What the page without network needs."""
_WORKER: Final = "huiyin/js/sw.js"
_LATER: Final = "huiyin/js/later.js"


@require_GET
def manifest(request: HttpRequest) -> HttpResponse:
    """Return what a telephone needs to install the portal."""
    company = cases.company_name()
    icons = [
        {"src": static("huiyin/icons/favicon.svg"), "sizes": "any", "type": "image/svg+xml"},
        *(
            {
                "src": static(f"huiyin/icons/app-{name}.png"),
                "sizes": size,
                "type": "image/png",
                "purpose": purpose,
            }
            for name, size, purpose in (
                ("192", "192x192", "any"),
                ("512", "512x512", "any"),
                ("maskable", "512x512", "maskable"),
            )
        ),
    ]
    told = {
        "id": "/",
        "name": _("%(company)s · 投诉与建议") % {"company": company},
        "short_name": company,
        "description": _("马上有编号，有人负责，查得到进度。"),
        "lang": "en" if get_language() == "en" else "zh-CN",
        "start_url": reverse("portal:home"),
        "scope": "/",
        "display": "standalone",
        "background_color": "#ffffff",
        "theme_color": "#1f4fa8",
        "icons": icons,
    }
    response = JsonResponse(told, json_dumps_params={"ensure_ascii": False})
    response["Content-Type"] = "application/manifest+json; charset=utf-8"
    return response


@require_GET
@never_cache
def worker(request: HttpRequest) -> HttpResponse:
    """Return the service worker; another version of what it keeps is another worker."""
    page = render_to_string("portal/offline.html", page_context(form={"once": "-"}, errors={}))
    digest = hashlib.sha256(_shell() + page.encode())
    told = {
        "version": digest.hexdigest()[:16],
        "shell": [reverse("portal:offline"), *(static(name) for name in SHELL)],
    }
    text = "\n".join((f"const HUIYIN = {json.dumps(told)};", _text(_LATER), _text(_WORKER)))
    return HttpResponse(text, content_type="text/javascript; charset=utf-8")


@require_GET
def offline(request: HttpRequest) -> HttpResponse:
    """Show the page that stands in where there is no network: the form, kept until there is."""
    return render(request, "portal/offline.html", page_context(form={}, errors={}))


@require_GET
@never_cache
def form_pass(request: HttpRequest) -> JsonResponse:
    """Return the proof that a form comes from our own page, for one that was written earlier."""
    return JsonResponse({"pass": get_token(request)})


def _text(name: str) -> str:
    return _bytes(name).decode()


def _bytes(name: str) -> bytes:
    found = finders.find(name)
    assert isinstance(found, str), name
    return Path(found).read_bytes()


@lru_cache(maxsize=1)
def _shell() -> bytes:
    """Return a digest of everything kept; an upgrade starts the server anew."""
    digest = hashlib.sha256()
    for name in (*SHELL, _WORKER):
        digest.update(_bytes(name))
    return digest.digest()
