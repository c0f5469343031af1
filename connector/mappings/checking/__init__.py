"""Find what is wrong, dead or doubtful in profiles and rules before an order meets it."""
