"""Learn the tone of contacts from the project's own sentences; with --check only compare.

The sentences are those of matching_phrases.yaml, of the phrase book by which complaints are
sorted, and the contacts of the invented inboxes in tests/core/matching. The weights are written
to matching_tone.json.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).parent.parent
LANGUAGE = ROOT / "src" / "huiyin" / "playbooks" / "language"
CALM = frozenset({"ask", "praise", "settled", "noise"})
AGGRIEVED = frozenset({"normal", "high", "critical"})
"""Groups of the phrase book; what is mild is neither."""
ELSEWHERE = "other"
BESIDE = 0.15
"""What a sentence of the phrase book weighs: it speaks to everybody, a contact to a carrier."""
ALSO = re.compile(r"( @\w+)+$")
sys.path.insert(0, str(ROOT / "tests"))


def learned() -> str:
    """Return the weights as JSON."""
    import conversations
    from huiyin.core.matching.learning import learn_tone

    phrases = yaml.safe_load((LANGUAGE / "matching_phrases.yaml").read_text(encoding="utf-8"))
    sides: dict[bool, dict[str, float]] = {False: {}, True: {}}
    for path in sorted((LANGUAGE / "phrases").glob("*.yaml")):
        for category, groups in yaml.safe_load(path.read_text(encoding="utf-8"))["phrases"].items():
            for group, said in groups.items():
                if group in CALM or (group in AGGRIEVED and category != ELSEWHERE):
                    plain = (ALSO.sub("", text) for text in said)
                    sides[group in AGGRIEVED].update(dict.fromkeys(plain, BESIDE))
    for side, called in ((False, "calm"), (True, "grievance")):
        for said in phrases[called].values():
            sides[side].update(dict.fromkeys(said, 1.0))
    for name in conversations.LEARNED:
        for line in conversations.lines(name=name):
            if not line.ends:
                text = conversations.read(line=line).text
                sides[line.decision != "not_complaint"][text] = 1.0
    tone = learn_tone(calm=sides[False], grievance=sides[True])
    return json.dumps(tone.as_data(), ensure_ascii=False, indent=0) + "\n"


def main() -> None:
    """Write the weights, or tell with --check whether they are those that are kept."""
    kept = LANGUAGE / "matching_tone.json"
    found = learned()
    if "--check" in sys.argv:
        sys.exit(kept.read_text(encoding="utf-8") != found)
    kept.write_text(found, encoding="utf-8")


if __name__ == "__main__":
    main()
