"""Addresses of live chat."""

from __future__ import annotations

from django.urls import path

from huiyin.doors.chat import views

app_name = "chat"
urlpatterns = [
    path("widget.js", views.widget, name="widget"),
    path("<int:account>/", views.frame, name="frame"),
    path("<int:account>/begin", views.begin, name="begin"),
    path("<int:account>/leave", views.leave, name="leave"),
    path("s/<str:id>/<str:secret>/lines", views.lines, name="lines"),
    path("s/<str:id>/<str:secret>/stream", views.stream, name="stream"),
    path("s/<str:id>/<str:secret>/say", views.say, name="say"),
    path("s/<str:id>/<str:secret>/typing", views.typing, name="typing"),
    path("s/<str:id>/<str:secret>/end", views.end, name="end"),
    path("s/<str:id>/<str:secret>/f/<str:line>/<int:number>", views.file, name="file"),
]
