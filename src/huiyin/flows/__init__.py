"""One room per step of the journey: gather facts, one core decision, record."""
