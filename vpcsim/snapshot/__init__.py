"""Writes down what an AWS account holds: the answers of read-only calls, in files that `vpcsim` reads as a model.

This is the only part of the package that uses credentials, and it changes nothing.
"""

from vpcsim.snapshot.taking import Report, Taken, take

__all__ = ["Report", "Taken", "take"]
