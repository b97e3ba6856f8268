"""What is done at a desk once its day has come: steps, sample answers, mending, and free days for meetings."""
