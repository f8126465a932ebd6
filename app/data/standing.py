"""What holds of a reading's findings now: the finding, what a person decided about it, and whether it still blocks.

The one place that everything asks which has to know if training is allowed: the button, the command line, the gate.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.core.data import DataVersion, Finding, Reading
from app.core.decisions import Decision, FindingDecision
from app.data.checking.class_checks import target_size_findings
from app.data.looking import profile as profiles

if TYPE_CHECKING:
    from app.registry.project import Project

NEVER_WAIVED = frozenset({"TARGET_ONE_CLASS", "TARGET_IS_DATE"})
"""Where a reason would not help: there is nothing to learn, or no kind of answer."""


Key = tuple[str, str]
"""Code and column (empty: the whole table). Where several findings share both, as rules of one column do, each has its
message after the code: a word about one of them is none about the others."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A finding with the decision about it, if there is one. ``key``: how decisions name it. ``before``: what was
    decided about the same finding of the nearest earlier version, and ``before_number`` that version's number: it
    does not count for this one."""

    finding: Finding
    key: Key
    decision: FindingDecision | None = None
    before: FindingDecision | None = None
    before_number: int = 0

    @property
    def waivable(self) -> bool:
        """Whether a reason could let training go ahead."""
        return self.finding.blocks_training and self.finding.code not in NEVER_WAIVED

    @property
    def waived(self) -> bool:
        """Whether it would block, and a person said why training is right all the same."""
        return self.waivable and self.decision is not None and self.decision.decision is Decision.WAIVE

    @property
    def kept(self) -> bool:
        """Whether a person has seen it and left it as it is."""
        return not self.finding.blocks_training and self.decision is not None

    @property
    def blocks(self) -> bool:
        """Whether it stops training now."""
        return self.finding.blocks_training and not self.waived


def standing_findings(project: Project, reading: Reading) -> tuple[Standing, ...]:
    """Every finding of a reading as it stands now, and what its size alone blocks. Fast; callable from any thread."""
    return _stand(project, reading, _earlier(project, reading.version_id) if reading.findings else [])


def blocking(project: Project, reading: Reading) -> tuple[Finding, ...]:
    """The findings that stop training now."""
    return tuple(s.finding for s in _stand(project, reading, []) if s.blocks)


Held = dict[Key, FindingDecision]


def _stand(project: Project, reading: Reading, earlier: list[tuple[DataVersion, Held]]) -> tuple[Standing, ...]:
    findings = (*reading.findings, *_of_size(project, reading))
    if not findings:
        return ()
    from app.registry import decisions

    held = decisions.decisions(project, reading.version_id)
    shared = Counter((finding.code, finding.column or "") for finding in findings)
    return tuple(_standing(finding, _key(finding, shared), held, earlier) for finding in findings)


def _key(finding: Finding, shared: Mapping[Key, int]) -> Key:
    key = (finding.code, finding.column or "")
    return (f"{finding.code}: {finding.message}", key[1]) if shared[key] > 1 else key


def _of_size(project: Project, reading: Reading) -> list[Finding]:
    """What blocks training on a target of this size and was not said when the file was read: a short file is no
    worse for that, and readings of earlier releases have no such finding."""
    target = reading.target
    if target is None:
        return []
    profile = profiles.load(project, reading)
    held = next(c for c in profile.columns if c.name == target)
    found = target_size_findings(reading.column(target), held, profile.rows)
    said = {finding.code for finding in reading.findings}
    return [finding for finding in found if finding.blocks_training and finding.code not in said]


def _earlier(project: Project, version_id: str) -> list[tuple[DataVersion, Held]]:
    """The versions before this one that anything was decided about, nearest first."""
    from app.registry import datasets, decisions

    version = datasets.version(project, version_id)
    decided = decisions.decisions_before(project, version.dataset_id, version.number)
    found = [(datasets.version(project, id_), held) for id_, held in decided.items()]
    return sorted(found, key=lambda pair: -pair[0].number)


def _standing(finding: Finding, key: Key, held: Held, earlier: list[tuple[DataVersion, Held]]) -> Standing:
    if key in held:
        return Standing(finding, key, held[key])
    for version, decided in earlier:
        if key in decided:
            return Standing(finding, key, None, decided[key], version.number)
    return Standing(finding, key)
