"""Every address of the installation."""

from __future__ import annotations

urlpatterns: list[object] = []
