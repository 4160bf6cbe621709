"""The visitor's side of live chat: the widget, its frame, what it sends and hears."""
