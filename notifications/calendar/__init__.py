"""Calendar files: invitations as RFC 5545, the replies to them, and feeds; pure."""
