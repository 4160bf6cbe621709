"""Known terms are found as the splitter names them, each once, words before pairs."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from huiyin.core.triage.words import Splitter, Terms

SPLITTER = Splitter(words=["快递员", "没收到"])


@given(
    text=st.text(alphabet="快递员没收到慢 ，的", max_size=20),
    keep=st.sets(st.integers(min_value=0, max_value=60)),
)
def test_known_terms_are_the_splitters_terms(text: str, keep: set[int]) -> None:
    every = SPLITTER.terms(text)
    rows = {term: number for number, term in enumerate(every) if number in keep}
    found = Terms(rows=rows).known(words=SPLITTER.words(text))
    assert found == [rows[term] for term in every if term in rows]
