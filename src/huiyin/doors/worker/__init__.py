"""The worker: decides, sends, sweeps, reminds; alone speaks to the outside world."""
