"""What reminders count from, when they are settled, and what they tell of; arms no timer and writes no mail."""
