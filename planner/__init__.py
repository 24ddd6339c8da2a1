"""Where geography and optimisation meet: `run` a scenario, `evaluate` a plan that somebody made."""

from planner.run import VERSION, NoPlanInTimeError, answer, digest, facts, run
from planner.scoring import evaluate

__all__ = ["VERSION", "NoPlanInTimeError", "answer", "digest", "evaluate", "facts", "run"]
