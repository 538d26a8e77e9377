"""Where every value comes from: the whole story of a field, worked out from facts, matches and deliveries."""
