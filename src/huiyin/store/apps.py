"""The one Django app that remembers."""

from django.apps import AppConfig


class StoreConfig(AppConfig):
    """Tables of Huiyin: one app, one migration line."""

    name = "huiyin.store"
    label = "store"
    default_auto_field = "django.db.models.BigAutoField"
