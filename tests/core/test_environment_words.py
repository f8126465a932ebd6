"""The history says in words what became of the environments."""

from dataclasses import replace

from app.core.environment_words import change_words
from app.core.gate_rules import GateKind, GateRule
from app.core.releases import DEFAULT_ENVIRONMENTS, Environment

DEVELOPMENT, STAGING, PRODUCTION = DEFAULT_ENVIRONMENTS
GATED = replace(PRODUCTION, gates=(GateRule(GateKind.BOUND, 0.8, "roc_auc"),))


def test_every_change_of_the_environments_is_told():
    canary = Environment("canary", "canary")
    looser = replace(GATED, name="live", gates=(GateRule(GateKind.BOUND, 0.7, "roc_auc"),), automated=True)
    assert change_words((DEVELOPMENT, STAGING, GATED), (looser, DEVELOPMENT, canary)) == (
        "Removed staging. production is called live now. live asks no longer: ROC AUC at least 0.8. "
        "live asks: ROC AUC at least 0.7. Automations may roll out in live. Added canary. "
        "The order is live, development, canary now."
    )
    assert change_words(DEFAULT_ENVIRONMENTS, DEFAULT_ENVIRONMENTS) == ""
