"""What the agent says and does in a call: the part that a team edits."""
