"""Every address of the installation."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path
from django.views.i18n import set_language

from huiyin.doors import health
from huiyin.doors.api.app import api
from huiyin.doors.hooks import views as hooks


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Show the no-permission page."""
    return render(request, "403.html", {"reason": str(exception)}, status=403)


handler403 = "huiyin.config.urls.forbidden"
urlpatterns = [
    path("", include("huiyin.doors.portal.urls")),
    path("chat/", include("huiyin.doors.chat.urls")),
    path("kiosk/", include("huiyin.doors.kiosk.urls")),
    path("desk/", include("huiyin.doors.desk.urls")),
    path("api/v1/", api.urls),
    path("hooks/<str:channel>/", hooks.hook, name="hook"),
    path("hooks/<str:channel>/<int:account>/", hooks.account_hook, name="account_hook"),
    path("language", set_language, name="set_language"),
    path("healthz", health.healthz, name="healthz"),
    path("metrics", health.metrics, name="metrics"),
]
