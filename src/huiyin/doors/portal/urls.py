"""Addresses of the portal."""

from __future__ import annotations

from django.urls import path

from huiyin.doors.portal import offers, views

app_name = "portal"
urlpatterns = [
    path("", views.home, name="home"),
    path("file", views.file, name="file"),
    path("filed", views.filed, name="filed"),
    path("t/<str:number>/<str:token>/", views.track, name="track"),
    path("t/<str:number>/<str:token>/add", views.add, name="add"),
    path("t/<str:number>/<str:token>/f/<str:id>", views.attachment, name="attachment"),
    path("t/<str:number>/<str:token>/offer/<str:id>", offers.offer, name="offer"),
    path("s/<str:number>/<str:token>/", views.survey, name="survey"),
]
