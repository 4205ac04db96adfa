"""What the team's flows share."""
