"""Telephone calls: which way a call goes, what becomes of it, when a missed one is due."""

from huiyin.core.phone.call import Known, Step, Talk, number_of, step
from huiyin.core.phone.missed import Debt, owed

__all__ = ["Debt", "Known", "Step", "Talk", "number_of", "owed", "step"]
