"""A guest book that forgets: the smallest web application that still does something."""
