"""What runs leave behind them: a line each, in which figures can be followed from run to run."""
