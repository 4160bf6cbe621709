"""E-mail: RFC 5322 bytes to contacts, answers to RFC 5322 bytes."""
