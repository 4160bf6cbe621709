"""``python -m huiyin``."""

from huiyin.doors.cli import main

main()
