"""Scenario files: a model, changes step by step, and what is expected of names, flows, sessions, calls and messages.

Every check is predicted by the network; a check that makes calls or reads messages is also observed, by a real boto3 client
that stands on the instance with the simulated network in front of moto. A prediction that differs from the observation
fails, whatever was expected.
"""

from vpcsim.scenarios.kinds import KINDS
from vpcsim.scenarios.reading import load, load_all
from vpcsim.scenarios.running import run
from vpcsim.scenarios.scenario import Check, Result, Scenario, Step

__all__ = ["KINDS", "Check", "Result", "Scenario", "Step", "load", "load_all", "run"]
