"""Is there anything to handle: a grievance, or thanks, a question, spam?"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from huiyin.core.because import Reason
from huiyin.core.matching.facts import ComplaintFacts, ContactFacts
from huiyin.core.matching.shipped import TONE

_SAME: Final = 1.5
_CALM: Final = 0.3
_CALM_ALL_THE_SAME: Final = -2.0
"""Where the words name a fault or a demand, the tone must be calmer to count for more."""
_CALM_ENDED: Final = 0.0
_BUSINESS: Final = 2.0
_AGGRIEVED: Final = 0.5
_AGGRIEVED_ALL_THE_SAME: Final = 2.0
"""Log odds of the tone from which it overrules the words: below asks for nothing, above does."""
PLEASED: Final = frozenset({"thanks", "good_end", "consent"})
_CALMLY: Final = PLEASED | {"question", "asking", "checking", "business", "verifying", "praise"}
_WAITS: Final = frozenset({"delay", "delivery"})
_OUTSPOKEN: Final = frozenset({"short", "fee", "pickup", "attitude", "info", "cod", "access"})
_ANOTHER: Final = frozenset({"new_parcel", "again", "today"})
_PRESSED: Final = frozenset({"demand", "refers_back", "again"})


def enquiry(*, contact: ContactFacts, sure: bool) -> bool:
    """Tell whether a contact is a business enquiry, even from one who has an open complaint.

    ``sure`` tells that it names the complaint's own parcel.
    """
    signals = contact.signals
    if sure:
        return False
    if "template" in signals or ("verifying" in signals and "official" not in signals):
        return not contact.waybills
    if "praise" in signals and not signals & {"fault", "demand", "promise", "good_end"}:
        return True
    if signals >= {"hypothetical", "question"} and not (contact.waybills or contact.surnames):
        return True
    if _asks_of_voucher(signals):
        return True
    if signals & {"fault", "demand", "promise"}:
        return False
    if "refers_back" in signals and not signals >= {"business", "question"}:
        return False
    if "question" not in signals and {f"p:{p}" for p in contact.phones} - {contact.identity}:
        # who leaves another telephone is to be called
        return False
    return "business" in signals and tone(contact=contact) < _BUSINESS


def _asks_of_voucher(signals: frozenset[str]) -> bool:
    """Tell whether one asks how to use what they were given: not finding it is no grievance."""
    pressed = signals & {"demand", "promise"} or ("fault" in signals and "question" not in signals)
    return "voucher" in signals and not pressed


def nothing_more(*, contact: ContactFacts) -> Reason | None:
    """Return why a contact about an ended complaint asks for nothing more; None when it does."""
    said = _settled(contact.signals)
    if "passing" in contact.signals and contact.signals & PLEASED:
        return _THANKS
    worded = not contact.signals.isdisjoint({"fault", "demand", "promise"})
    if said is None and tone(contact=contact) < (_CALM_ALL_THE_SAME if worded else _CALM_ENDED):
        return _THANKS if contact.signals & PLEASED else _QUESTION
    return None if said is not None and _aggrieved(contact) else said


def no_complaint(*, contact: ContactFacts) -> Reason | None:
    """Return why a contact that belongs to no complaint is none itself; None when it is one."""
    signals = contact.signals
    fault, promise = "fault" in signals, "promise" in signals
    if "spam" in signals and not contact.waybills:
        return Reason("match.spam", "广告或垃圾信息", "advertising or spam")
    if contact.filed:
        return None
    if "other_company" in signals:
        return Reason("match.other_company", "不是本公司的事", "another company's matter")
    if "empty" in signals:
        return Reason("match.empty", "没有内容", "nothing is said")
    if "praise" in signals and not (fault or promise):
        return Reason("match.praise", "表扬", "praise")
    if "template" in signals and not contact.waybills:
        return _ENQUIRY
    if _asks_of_voucher(signals) and not contact.waybills:
        return _ENQUIRY
    if "verifying" in signals and not contact.waybills:
        return Reason("match.verifying", "核实来电真假", "asks whether a call was genuine")
    if (
        "change" in signals
        and not (promise or signals & _PRESSED)
        and _WAITS.issuperset(contact.kinds)
    ):
        return _ENQUIRY
    if "hypothetical" in signals and not contact.waybills and not contact.surnames:
        return _ENQUIRY
    if contact.waybills and signals & PLEASED and signals & _ANOTHER:
        # thanks for one parcel, and another one named
        return None
    said = _asks_nothing(contact)
    named = bool(contact.kinds) and bool(contact.waybills or contact.tails)
    # who gives a number, and neither asks nor thanks, speaks of something
    told = bool(contact.waybills) and signals.isdisjoint(_CALMLY)
    worded = named or told or fault or promise or "demand" in signals
    if said is None and tone(contact=contact) < (_CALM_ALL_THE_SAME if worded else _CALM):
        return _THANKS if signals & PLEASED else _ENQUIRY
    return None if said is not None and _aggrieved(contact) else said


def _aggrieved(contact: ContactFacts) -> bool:
    """Tell whether the tone overrules words that seem to ask for nothing."""
    if "thanks" in contact.signals or contact.signals >= {"good_end", "consent"}:
        return False
    plain = contact.signals.isdisjoint({"business", "checking", "asking", *PLEASED})
    return tone(contact=contact) > (_AGGRIEVED if plain else _AGGRIEVED_ALL_THE_SAME)


def _settled(signals: frozenset[str]) -> Reason | None:
    fault, demand, promise = "fault" in signals, "demand" in signals, "promise" in signals
    if signals & PLEASED and not (fault or demand or promise):
        return _THANKS
    if "thanks" in signals and "good_end" in signals and not (demand or promise):
        return _THANKS
    if signals & {"business", "checking", "verifying"} and not (fault or promise):
        return _QUESTION
    if _asks_of_voucher(signals):
        return _QUESTION
    if "question" in signals and not (fault or demand or promise or "official" in signals):
        return _QUESTION
    return _NOTHING if "empty" in signals else None


def _asks_nothing(contact: ContactFacts) -> Reason | None:
    signals = contact.signals
    fault, promise = "fault" in signals, "promise" in signals
    asks = "question" in signals or not contact.waybills
    if not (fault or promise) and ("checking" in signals or ("business" in signals and asks)):
        return _ENQUIRY
    if fault or promise:
        return None
    told = bool(contact.kinds) and (bool(contact.waybills) or "refers_back" in signals)
    if "thanks" in signals or (signals & {"good_end", "consent"} and not told):
        return _THANKS
    if "demand" in signals or contact.waybills:
        return None
    if contact.channel == "weibo" and contact.carriers:
        # said in public about a carrier, and neither praise nor a lottery
        return None
    if "question" in signals and not (contact.told_on or "refers_back" in signals):
        return _ENQUIRY
    if contact.kinds or contact.carriers or contact.events or "refers_back" in signals:
        return None
    return _NOTHING


def tone(*, contact: ContactFacts) -> float:
    """Return the log odds that a contact wants something put right."""
    return _tone_of(contact.text)


@lru_cache(maxsize=16)
def _tone_of(text: str) -> float:
    """Return the tone of a text; one decision asks for it up to four times."""
    return TONE.of(text=text)


def same_kind(*, contact: ContactFacts, complaint: ComplaintFacts) -> bool:
    """Tell whether a contact speaks of the kind of trouble that opened a complaint.

    Where one of the two names no kind, "again" means the same, unless the kind that is named is
    one that nobody leaves unsaid.
    """
    mine, known = contact.kinds, complaint.kinds
    if mine and known:
        return mine[0] in known[:2] or known[0] in mine[:2]
    if "again" not in contact.signals:
        return False
    if not mine or (not known and mine[0] not in _OUTSPOKEN):
        return True
    return _same_things(contact, complaint)


def _same_things(contact: ContactFacts, complaint: ComplaintFacts) -> bool:
    shared = [w for pair, w in contact.pairs.items() if pair in complaint.pairs]
    return bool(contact.goods & complaint.goods) or sum(shared) >= _SAME


_THANKS: Final = Reason("match.thanks", "致谢或表示了结", "thanks or consent")
_QUESTION: Final = Reason("match.question", "事后的一般询问", "a plain question after the end")
_NOTHING: Final = Reason("match.nothing", "没有提出要处理的事", "asks for nothing")
_ENQUIRY: Final = Reason("match.enquiry", "咨询，没有不满", "an enquiry without a grievance")
