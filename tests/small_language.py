"""A language of a few words with a model of its own, ready in milliseconds."""

from __future__ import annotations

import functools

from huiyin.core.triage import LanguagePack, TriageModel, load_language, train

WORDS = """
language: small
named: {courier: 小哥|师傅}
contexts:
  supposed: [如果, 怕]
signals:
  slow: {name: {zh: 慢, en: Slow}, of: delay, match: ["(太|很)慢"], unless: [手机]}
  lost: {name: {zh: 丢, en: Lost}, of: lost, match: [丢了], inside: [丢了脸],
    void_after: [supposed]}
  rude: {name: {zh: 骂人, en: Rude}, of: attitude, match: ["{courier}~骂"]}
  bad: {name: {zh: 有错, en: A fault}, any_of: [slow, lost, rude]}
"""
RULES = """
rare: {other: -0.1}
needs: {cod: [rude]}
categories:
  - {id: both, when: "'slow' in signals && 'lost' in signals", then: lost,
     because: {zh: 丢在先, en: Loss first}, examples: [太慢了，丢了]}
urgency:
  - {id: fault, when: "'bad' in signals", then: high, because: {zh: 有错, en: A fault}}
"""
PHRASES = """
phrases:
  delay: {normal: [送得太慢, 慢得要命 @tracking], ask: [几时送到]}
  delivery: {normal: [不送上门, 放在门口]}
  lost: {high: [包裹丢了], normal: [少了一件]}
  damaged: {normal: [瓶子碎了, 箱子破了]}
  attitude: {normal: [小哥骂人, 师傅骂客人, 小哥总骂, 师傅在骂], critical: [师傅威胁我]}
  tracking: {normal: [查不到信息, 没有更新]}
  fee: {normal: [多收两块钱]}
  claim: {normal: [不肯赔偿]}
  pickup: {normal: [没来取件]}
  cod: {normal: [货款没给]}
  access: {normal: [电话没人接]}
  other: {praise: [送得真好, 很满意], noise: [你好]}
"""
FILES = {"words.yaml": WORDS, "rules.yaml": RULES, "phrases.yaml": PHRASES}


@functools.cache
def pack() -> LanguagePack:
    """Return the language."""
    return load_language(files=FILES)


@functools.cache
def model() -> TriageModel:
    """Return the model of its phrases."""
    return train(language=pack())
