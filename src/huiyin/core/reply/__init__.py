"""Looking a reply over before it is sent: promises found, words marked."""

from huiyin.core.reply.look_over import Look, ReplyFacts, apologises, look_over
from huiyin.core.reply.personal import Own
from huiyin.core.reply.promises import Promise, PromiseKind, find_promises
from huiyin.core.reply.remark import Remark
from huiyin.core.reply.words import CannotReadWords, ReplyWords

__all__ = [
    "CannotReadWords",
    "Look",
    "Own",
    "Promise",
    "PromiseKind",
    "Remark",
    "ReplyFacts",
    "ReplyWords",
    "apologises",
    "find_promises",
    "look_over",
]
