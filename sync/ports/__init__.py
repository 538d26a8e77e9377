"""What the outside must be able to do: contracts, their value types, and what may go wrong. Nothing else."""
