"""What use cases do with what is learnt afterwards, and how a database looked on an earlier day."""
