"""What the doctor looks at in one instance and in the house as a whole; mends nothing."""
