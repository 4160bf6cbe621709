"""Huiyin 回音: one complaint, one journey, one answer."""

import os

# Before numpy is loaded anywhere: the algebra here is small, and a second thread of OpenBLAS that
# waits for more of it spins on the core that writes the batch which the first one reads.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

__version__ = "0.1.0"
