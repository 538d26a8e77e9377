"""A made-up population, providers that speak the real protocols over it, and a made-up clinic. The truth is known."""
