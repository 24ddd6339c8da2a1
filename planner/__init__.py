"""Where geography and optimisation meet: `run` a scenario, `evaluate` a plan that somebody made."""

from planner.scoring import evaluate
from planner.run import VERSION, NoPlanInTimeError, answer, digest, facts, run

__all__ = ["VERSION", "NoPlanInTimeError", "answer", "digest", "evaluate", "facts", "run"]
