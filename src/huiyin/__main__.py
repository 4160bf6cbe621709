"""``python -m huiyin``."""

from huiyin.doors.cli import main

if __name__ == "__main__":
    main()
