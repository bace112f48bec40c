"""Whether a run can be made, found out before it takes its time: facts are gathered, then checked, then shown."""
