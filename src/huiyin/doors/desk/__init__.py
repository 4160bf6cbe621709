"""The staff's pages: queue, complaint, reception, board, operations."""
