"""The counter's pages: a customer writes down his matter and draws a number; the calling screen."""
