"""A language model behind the OpenAI chat-completions interface: questions out, answers in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

MOST_BYTES: Final = 512 * 1024
"""A longer answer is not read to its end."""
_MOST_TOKENS: Final = 1_000_000
"""No single call takes more; a larger number is not believed."""
_AGAIN: Final = frozenset({408, 409, 425, 429})


@dataclass(frozen=True, slots=True)
class Call:
    """A POST to be made by whoever may speak to the outside."""

    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What the model wrote, and the tokens that were read and written."""

    text: str
    tokens_in: int
    tokens_out: int
    model: str


class CannotReadAnswer(ValueError):
    """The answer is of no use; ``again`` tells whether another try may help."""

    def __init__(self, *, zh: str, en: str, again: bool = False) -> None:
        self.zh = zh
        self.en = en
        self.again = again
        super().__init__(en)


def write_call(*, url: str, key: str, model: str, system: str, user: str, most_tokens: int) -> Call:
    """Describe the call that asks a model one question.

    ``url`` is the service's base address, as in https://host/v1; ``key`` may be empty.
    Source: OpenAI API reference, "Create chat completion".
    """
    headers = {
        "Accept": "application/json",
        # A packed answer could be small on the line and huge in memory.
        "Accept-Encoding": "identity",
        "Content-Type": "application/json",
    }
    if key:
        headers["Authorization"] = f"Bearer {key}"
    body = {
        "model": model,
        "messages": [
            {"role": "system", "content": system},
            {"role": "user", "content": user},
        ],
        "max_tokens": most_tokens,
        "temperature": 0.2,
        "stream": False,
    }
    return Call(
        url=f"{url.rstrip('/')}/chat/completions",
        headers=headers,
        body=json.dumps(body, ensure_ascii=False).encode(),
    )


def read_answer(*, status: int, headers: Mapping[str, str], body: bytes) -> Answer:
    """Return the answer of a service. ``headers`` have lower-case names.

    Raises CannotReadAnswer for every other answer than one complete text; one that would redirect
    is not followed.
    """
    if 300 <= status < 400:
        raise CannotReadAnswer(
            zh=f"服务要求转到别处（{status}），未跟随",
            en=f"the service redirects ({status}), not followed",
        )
    if status in {401, 403}:
        raise CannotReadAnswer(
            zh=f"服务不接受密钥（{status}）", en=f"the service refuses the key ({status})"
        )
    if status != 200:
        raise CannotReadAnswer(
            zh=f"服务出错（{status}）",
            en=f"the service failed ({status})",
            again=status >= 500 or status in _AGAIN,
        )
    if len(body) > MOST_BYTES:
        raise CannotReadAnswer(zh="服务的回答过大", en="the service's answer is too large")
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise CannotReadAnswer(
            zh="服务的回答不是 JSON",
            en="the service's answer is not JSON",
        )
    if headers.get("content-encoding", "identity").strip().lower() not in {"", "identity"}:
        raise CannotReadAnswer(
            zh="服务的回答经过压缩，未要求过", en="the service packed its answer unasked"
        )
    try:
        return _answer(json.loads(body))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise CannotReadAnswer(
            zh="服务的回答读不懂", en="the service's answer cannot be read"
        ) from error


def _answer(found: Any) -> Answer:
    choice = found["choices"][0]
    text = choice["message"]["content"]
    if not isinstance(text, str):
        raise TypeError("content is no text")
    # A surrogate cannot be stored, a zero byte not in PostgreSQL.
    text = text.encode("utf-8", "replace").decode().replace("\0", "")
    if choice.get("finish_reason") == "length":
        raise CannotReadAnswer(
            zh="回答没有写完就被截断，未采用", en="the answer was cut off before its end"
        )
    usage = found.get("usage")
    counted = usage if isinstance(usage, dict) else {}
    return Answer(
        text=text,
        tokens_in=_tokens(counted.get("prompt_tokens")),
        tokens_out=_tokens(counted.get("completion_tokens")),
        model=str(found.get("model") or "")[:80],
    )


def _tokens(value: Any) -> int:
    known = isinstance(value, int) and not isinstance(value, bool)
    return max(0, min(value, _MOST_TOKENS)) if known else 0
