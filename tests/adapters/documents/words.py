"""Spellings of plain scalars: what readers understand differently, and what they do not."""

_TRUTHS = """
True TRUE False FALSE y Y yes Yes YES n N no No NO on On ON off Off OFF
"""
_NUMBERS = """
0644 00 000 08 -01 +1 +0 -0 0o14 0O14 0o8 -0o7 0o 0x1f 0X1F 0x -0x1 0b11 0B1 -0b1 1_000 1__0 1_ 0_x1 0x_1 0_1 1_1.5 0_o7
1e3 1E3 1e+3 1e-3 1.5e3 1e 1e+ 1e400 -1e3 1.0 100.50 0.10 -0.0 0. 5. +.5 .5 -.5 5.e1 1.e . + -.
12:30 12:30:45 190:20:30.15 1:60 -1:30 01:05 1:5 .inf .Inf .INF -.inf +.inf .nan .NaN .NAN -.nan
9007199254740992 -9007199254740992 12345678901234567890 123456789012345.0000000001
"""
_DATES = """
2026-01-01 2026-1-1 0000-00-00 2026-13-45 2026-01-01T10:00:00Z 2026-01-01t1:2:3Z
"""
_TEXTS = """
yes! truely nullable none None nil oN yES nuLL tRUE 1.2.3 10.0.0.1 v1 1a 10m 0x1g 1e3s 0b12a 0b2 1,000 12-30 2026-01
20260101T a:b http://example.org/x?y a#b a=b -x -- +x _1 __ e5 inf nan Infinity NaN café ٣ ² ½ 😀 é e\u0301 \uff11
a\u200bb 日本語 it's R&D 50% ~x x~ <<x == sha256:00ff 1:x 1:2:x .x ... --1 +-1 1..5 1.5. 0xx 1_a _ a_1
"""

NULLS = ["~", "null", "Null", "NULL"]
TIMES = ["2026-01-01 10:00:00", "2026-01-01 10:00:00.5 +02:00"]
AMBIGUOUS = [*_TRUTHS.split(), *_NUMBERS.split(), *_DATES.split(), *TIMES, "=", "1" * 400]
TEXTS = [*_TEXTS.split(), "Yes sir", "1 000", "\u00a0x", "a b", 'say "hi"', "a & b"]
NUMBERS_KEPT = {
    "0": 0,
    "1": 1,
    "-1": -1,
    "42": 42,
    "9007199254740991": 2**53 - 1,
    "-9007199254740991": -(2**53) + 1,
    "0.5": 0.5,
    "-0.5": -0.5,
    "0.1": 0.1,
    "100.25": 100.25,
    "1.0000000001": 1.0000000001,
    "0.00001": 0.00001,
}
