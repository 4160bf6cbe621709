"""The one pen: changes rows, chains the event and enqueues what follows, in one transaction."""

from .pen import CannotWrite, Pen, pen

__all__ = ["CannotWrite", "Pen", "pen"]
