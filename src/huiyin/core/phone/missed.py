"""What is owed to somebody whose call nobody took."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from huiyin.core.because import Reason


@dataclass(frozen=True, slots=True)
class Debt:
    """A call-back that is owed: since when, how many calls, whether it is a new one."""

    first_at: datetime
    last_at: datetime
    count: int
    fresh: bool
    because: Reason


def owed(*, known: Debt | None, missed_at: datetime) -> Debt:
    """Return the one debt that several missed calls of a number make.

    The clock runs from the first call: who rings again does not wait longer for it.
    """
    if known is None:
        return Debt(
            first_at=missed_at,
            last_at=missed_at,
            count=1,
            fresh=True,
            because=Reason(
                rule="missed_call.owed",
                zh="来电没人接，按规程限时回电",
                en="nobody took the call: it is called back in time",
            ),
        )
    count = known.count + 1
    return Debt(
        first_at=min(known.first_at, missed_at),
        last_at=max(known.last_at, missed_at),
        count=count,
        fresh=False,
        because=Reason(
            rule="missed_call.again",
            zh=f"同一号码第 {count} 次没打通，仍从第一次起算",
            en=f"missed {count} times: the time still runs from the first",
        ),
    )
