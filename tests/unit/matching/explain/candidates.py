"""Candidates of any kind: whatever floats and codes a damaged row or a model of another version may hold."""

from hypothesis import strategies as st

from sync.matching.compare.level import MISSING
from sync.matching.model import COMPARISONS
from sync.model import Candidate, Evidence, NullHypothesis

_LEVELS = sorted({level for levels in COMPARISONS.values() for level in levels} | {MISSING})
_any_text = st.text(st.characters() | st.characters(categories=["Cs", "Cc"]), max_size=60)
_bits = st.floats() | st.floats(-30, 30) | st.sampled_from([0.0, -0.0, 1e-320, -1e-9, 1e308, -1e308])
_evidence = st.builds(
    Evidence,
    st.sampled_from(sorted(COMPARISONS)) | _any_text,
    st.sampled_from(_LEVELS) | _any_text,
    _bits,
    _bits,
    st.booleans(),
)
candidates = st.builds(
    Candidate, st.just(1), _bits, st.lists(_evidence, max_size=10).map(tuple), st.sampled_from(NullHypothesis), _bits
)
limits = st.none() | _bits


@st.composite
def _consistent(draw: st.DrawFn) -> Candidate:
    bits = st.floats(-40, 40)
    names = draw(st.lists(st.sampled_from(sorted(COMPARISONS)), min_size=1, max_size=8))
    evidence = tuple(Evidence(name, draw(st.sampled_from(_LEVELS)), draw(bits)) for name in names)
    prior, cost = draw(bits), draw(st.floats(0, 1))
    return Candidate(1, prior + sum(one.bits for one in evidence) - cost, evidence, prior=prior)


consistent = _consistent()
"""Candidates whose weight is the prior and the evidence, less a bit at most, as the matcher gives them."""
