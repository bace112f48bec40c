"""How often the criteria are wrong: simulated runs of good and bad agents, judged by the real judges."""
