"""What do identity providers elsewhere say? Protocols alone: bytes, keys and times go in, verified claims come out."""
