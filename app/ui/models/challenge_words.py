"""How a challenger stands, in words."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from app.core.challenges import Changed, Comparison, GroupChange, Rehearsal, Standing
from app.core.metrics import METRIC_WORDS
from app.core.worth import KeptWorth
from app.ui.models.challenge_view import ChallengeView
from app.ui.words import count, figure, percent, when, with_ends


def tr(text: str) -> str:
    """A text of this part in the person's language."""
    return QCoreApplication.translate("challenge", text)


def status_of(view: ChallengeView) -> str:
    """The mark beside the headline."""
    found = view.comparison
    if found is None or found.problem:
        return "info" if found is None else "warn"
    return {Standing.CHALLENGER: "ok", Standing.CHAMPION: "fail", Standing.UNDECIDED: "info"}[found.standing]


def headline(view: ChallengeView) -> str:
    """Who is better."""
    found = view.comparison
    if found is None:
        return tr("{0} has not been challenged yet.").format(view.label)
    if found.problem:
        return found.problem
    if found.flags is not None:
        return tr("Nothing says whether the challenger or {0} is right: look at what each flags.").format(
            found.champion
        )
    return {
        Standing.CHALLENGER: tr("The challenger is better than {0}."),
        Standing.CHAMPION: tr("The challenger is worse than {0}."),
        Standing.UNDECIDED: tr("The challenger is not clearly better or worse than {0}."),
    }[found.standing].format(found.champion)


def origin_words(view: ChallengeView) -> str:
    """What the challenger is and what it was trained on."""
    if view.comparison is None or view.made is None:
        return tr("A challenger is trained on newer rows, then both answer the same rows that neither has seen.")
    told = tr("{0} of run {1}, trained on {2}, {3}.")
    name = view.comparison.challenger or tr("No candidate")
    return told.format(name, view.run_number, view.data, when(view.made.created_at))


def rows_words(found: Comparison) -> str:
    """On which rows both were asked."""
    metric = METRIC_WORDS[found.metric] if found.flags is None else tr("What each flags")
    if found.on_fresh:
        told = tr("{0} on {1} rows that came since and that neither has seen.").format(metric, count(found.rows))
    else:
        told = tr("{0} on {1} rows that neither has seen, {2} of them came since.")
        told = told.format(metric, count(found.rows), count(found.fresh))
    if found.left_out:
        told += " " + tr("{0} that the champion knows were left out.").format(count(found.left_out))
    return told


def score_cells(found: Comparison) -> list[list[tuple[str, str]]]:
    """Two lines of names and figures: both scores, then the difference, and that on older rows."""
    if found.flags is not None:
        shares = [(found.champion, found.flags.champion), (tr("challenger"), found.flags.challenger)]
        agreed = (tr("Agree on"), with_ends(found.flags.overlap, percent))
        return [[(name, with_ends(share, _share)) for name, share in shares], [agreed]]
    scores = [
        (found.champion, with_ends(found.champion_score)),
        (tr("challenger"), with_ends(found.challenger_score)),
    ]
    gaps = [(tr("Better by"), with_ends(found.difference))]
    if found.older_difference is not None:
        gaps.append((tr("on older rows"), with_ends(found.older_difference)))
    return [scores, gaps]


def _share(share: float) -> str:
    return f"{share:.1%}"


def changed_words(found: Comparison) -> str:
    """How many answers would be other ones."""
    if found.flags is not None:
        told = tr("{0} of {1} answers change: {2} are flagged now, {3} are flagged no longer.")
        alone = (found.flags.challenger_alone, found.flags.champion_alone)
        return told.format(count(found.changed), count(found.unseen), *map(count, alone))
    if found.moved:
        told = tr("{0} of {1} answers move by more than {2}: {3} nearer to the truth, {4} farther from it.")
        return told.format(
            count(found.changed), count(found.unseen), figure(found.moved), count(found.right), count(found.wrong)
        )
    told = tr("{0} of {1} decisions change: {2} become right, {3} become wrong.")
    return told.format(count(found.changed), count(found.unseen), count(found.right), count(found.wrong))


def rehearsal_words(told: Rehearsal | None) -> str:
    """What the last rehearsal showed."""
    if told is None:
        return tr("Not rehearsed yet: the champion's newest requests can be answered by the challenger as well.")
    said = tr("Of the newest {0} requests {1} would change their answer. A row takes {2} ms, the champion's {3} ms.")
    return said.format(
        count(told.rows), count(told.changed), figure(told.challenger_ms.median_ms), figure(told.champion_ms.median_ms)
    )


def worth_words(kept: KeptWorth | None) -> str:
    """The advice, or what the question is."""
    if kept is None:
        return tr(
            "A learning curve and a look back over past windows tell what a retrain brings, in about half a minute."
        )
    found, asked = kept.worth, tr("Asked by {0}, {1}.").format(kept.actor, when(kept.at))
    return " ".join([found.line, *(found.measured.notes if found.gain is not None else ()), asked])


def decision_words(view: ChallengeView) -> str:
    """What was decided, by whom and why."""
    decided = view.decision
    if decided is None:
        return view.why_not
    if view.became:
        told = tr("Promoted to {0} by {1}, {2}. {3}")
        return told.format(view.became, decided.actor, when(decided.at), decided.reason)
    return tr("The champion was kept by {0}, {1}. {2}").format(decided.actor, when(decided.at), decided.reason)


def group_tip(group: GroupChange) -> str:
    """A group's line in words."""
    if group.worse and not group.changed:
        told = tr("{0}: no decision changes, but the challenger's scores are farther from the truth here.")
        return told.format(group.title)
    if group.worse:
        return tr("{0}: the challenger is worse here, all groups judged together.").format(group.title)
    if group.small:
        return tr("{0}: too few rows to judge.").format(group.title)
    return group.title


def verdict_words(group: GroupChange) -> str:
    """Judged by the loss: scores can be farther from the truth though every decision stays the same."""
    if group.small:
        return tr("Few rows")
    if group.worse:
        return tr("Worse") if group.changed else tr("Worse fit")
    if group.gain is None or group.gain.low <= 0:
        return tr("Alike")
    return tr("Better") if group.changed else tr("Better fit")


def gain_words(group: GroupChange) -> str:
    """By how much the loss falls."""
    return f"{group.gain.value:+.3g}" if group.gain is not None else "–"


def gain_tip(group: GroupChange, loss: str) -> str:
    """What the figure is."""
    if group.gain is None:
        return tr("{0}: too few rows.").format(group.title)
    return tr("{0} falls by {1} on average where {2}.").format(loss, with_ends(group.gain), group.title)


def share_words(group: GroupChange) -> str:
    """How many of its rows change."""
    return f"{count(group.changed)} ({percent(group.changed / max(group.rows, 1))})"


def cell(changed: Changed, place: int) -> str:
    """One of the values that stand beside a changed row."""
    return changed.values[place] if place < len(changed.values) else ""
