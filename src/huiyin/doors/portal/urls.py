"""Addresses of the portal."""

from __future__ import annotations

from django.urls import path

from huiyin.doors.portal import app, help, offers, push, reach, views

app_name = "portal"
urlpatterns = [
    path("", views.home, name="home"),
    path("file", views.file, name="file"),
    path("filed", views.filed, name="filed"),
    path("manifest.webmanifest", app.manifest, name="manifest"),
    path("sw.js", app.worker, name="worker"),
    path("offline", app.offline, name="offline"),
    path("app/pass", app.form_pass, name="form_pass"),
    path("help/", help.help_list, name="help"),
    path("help/answers", help.answers, name="help_answers"),
    path("help/<slug:slug>/", help.help_article, name="help_article"),
    path("help/<slug:slug>/vote", help.vote, name="help_vote"),
    path("t/<str:number>/<str:token>/", views.track, name="track"),
    path("t/<str:number>/<str:token>/add", views.add, name="add"),
    path("t/<str:number>/<str:token>/reach", reach.reach, name="reach"),
    path("t/<str:number>/<str:token>/push", push.push, name="push"),
    path("t/<str:number>/<str:token>/f/<str:id>", views.attachment, name="attachment"),
    path("t/<str:number>/<str:token>/offer/<str:id>", offers.offer, name="offer"),
    path("s/<str:number>/<str:token>/", views.survey, name="survey"),
]
