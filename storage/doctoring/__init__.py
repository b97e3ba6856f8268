"""What the doctor reads; changes nothing."""
