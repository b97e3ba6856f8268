"""The command `samskabt measure`: what it registers and shows of measuring."""
