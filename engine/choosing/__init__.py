"""Which kommuner are chosen, and why: size and geography; chooses nobody by itself."""
