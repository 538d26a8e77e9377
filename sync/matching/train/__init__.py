"""Learns a matching model from the register itself and from changes, without labels."""

from sync.matching.train.training import Labelled, Population, Training, train

__all__ = ["Labelled", "Population", "Training", "train"]
