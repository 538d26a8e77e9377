"""What holds of a customer, given everything that was said: pure functions over facts."""
