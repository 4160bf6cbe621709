"""Addresses of a counter's pages."""

from __future__ import annotations

from django.urls import path

from huiyin.doors.kiosk import views

app_name = "kiosk"
urlpatterns = [
    path("<str:token>/", views.home, name="home"),
    path("<str:token>/receipt", views.receipt, name="receipt"),
    path("<str:token>/over", views.over, name="over"),
    path("<str:token>/screen", views.screen, name="screen"),
]
