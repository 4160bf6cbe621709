"""Where notices to telephones may go."""

from __future__ import annotations

import pytest

from huiyin.core.push import allowed

HOSTS = "fcm.googleapis.com, *.notify.windows.com,http://127.0.0.1:9000"


@pytest.mark.parametrize(
    ("endpoint", "taken"),
    [
        ("https://fcm.googleapis.com/fcm/send/abc", True),
        ("https://fcm.googleapis.com:443/fcm/send/abc", True),
        ("https://wns2-par.notify.windows.com/w/?token=x", True),
        ("http://127.0.0.1:9000/x", True),
        ("http://fcm.googleapis.com/fcm/send/abc", False),
        ("https://fcm.googleapis.com:8443/x", False),
        ("https://fcm.googleapis.com.evil.example/x", False),
        ("https://fcm.googleapis.com@127.0.0.1/x", False),
        ("https://notify.windows.com/x", False),
        ("https://evilnotify.windows.com/x", False),
        ("http://127.0.0.1:9001/x", False),
        ("https://169.254.169.254/latest", False),
        ("file:///etc/passwd", False),
        ("https://[::1", False),
        ("https://host:port/x", False),
        ("", False),
    ],
)
def test_only_push_services_of_the_list_are_called(endpoint: str, taken: bool) -> None:
    assert allowed(endpoint=endpoint, hosts=HOSTS) is taken
    assert not allowed(endpoint=endpoint, hosts="")
