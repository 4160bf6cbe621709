"""A pack's own examples: every signal and rule is tried on the texts written beside it."""

from __future__ import annotations

from collections.abc import Sequence

from huiyin.core.triage.language import CannotLoadLanguage, LanguagePack
from huiyin.core.triage.read import read_batch
from huiyin.core.triage.rules import decide
from huiyin.core.triage.written import ExampleSource, PackSource


def run_examples(*, parts: Sequence[tuple[str, PackSource]], pack: LanguagePack) -> None:
    """Try every example. Raises CannotLoadLanguage, naming the entry and the text."""

    for file_name, part in parts:
        for signal_id, source in part.signals.items():
            texts = [*source.examples, *source.counter]
            readings = read_batch(texts=texts, language=pack)
            for number, (text, reading) in enumerate(zip(texts, readings, strict=True)):
                if (signal_id in reading.every) != (number < len(source.examples)):
                    wrong = "is not found in" if number < len(source.examples) else "is found in"
                    raise CannotLoadLanguage(
                        f"{file_name}: signals.{signal_id} {wrong} its example {text!r}"
                    )
        for rules, sources in ((pack.categories, part.categories), (pack.urgency, part.urgency)):
            for rule in sources:
                for wanted, examples in ((True, rule.examples), (False, rule.counter)):
                    for example in examples:
                        one = ExampleSource(text=example) if isinstance(example, str) else example
                        reading = read_batch(texts=[one.text], language=pack)[0]
                        fired = decide(
                            rules=rules,
                            facts={
                                "signals": list(reading.every),
                                "category": one.category,
                                "secondary": one.secondary,
                                "guess": one.guess,
                                "guess_sure": one.guess_sure,
                                "emotion": reading.emotion,
                                "is_complaint": one.is_complaint,
                                "length": len(one.text),
                            },
                        )
                        if ((fired.id if fired else "") == rule.id) != wanted:
                            got = f"{fired.id} decides" if fired else "no rule decides"
                            raise CannotLoadLanguage(
                                f"{file_name}: rule {rule.id}: {got} its example {one.text!r}"
                            )
