"""What a link in a mail may do: tokens minted, shown and spent."""
