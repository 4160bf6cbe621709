"""A second remedy after handling again: bounded by the playbook, never below what is owed."""

from __future__ import annotations

from dataclasses import dataclass

from huiyin.core.because import Reason


@dataclass(frozen=True, slots=True)
class SecondRemedy:
    """Whether a further sum is within the cap. ``room`` is what may still be given, 分."""

    ok: bool
    room: int | None
    because: Reason


def second_remedy(
    *, level: int, amount: int, owed: int, granted: int, again: int, cap: int | None
) -> SecondRemedy:
    """Decide whether a sum (分) may be offered when a complaint is handled again.

    ``owed`` is what the formula yields (0 where none was computed), ``granted`` what was given in
    all so far, ``again`` the part of it given since the first re-handling. What is owed and not
    yet given is never capped: the cap bounds what goes beyond. ``cap`` None is without limit.
    """
    if level == 0 or cap is None:
        return SecondRemedy(True, None, Reason("rehandling.no_cap", "不设上限", "no cap"))
    still_owed = max(0, owed - granted)
    already = max(0, again - max(0, owed - (granted - again)))
    room = still_owed + max(0, cap - already)
    ok = amount <= room
    said = f"{cap / 100:,.2f}"
    return SecondRemedy(
        ok=ok,
        room=room,
        because=Reason(
            rule="rehandling.second_cap",
            zh=f"重新处理时，应赔之外的追加补偿合计不超过 ¥{said}，还可用 ¥{room / 100:,.2f}",
            en=f"beyond what is owed, at most ¥{said} is added when handling again; "
            f"¥{room / 100:,.2f} is left",
            words=(str(amount), str(room)),
        ),
    )
