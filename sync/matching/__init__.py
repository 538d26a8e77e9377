"""Works out which customer a change is about: normalise, find candidates, compare, score, decide, explain.

Nothing here looks anything up. The caller brings the candidates (found by the keys of `keys.py`) and gets a `Match`.
"""
