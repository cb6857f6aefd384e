"""What do identity providers elsewhere say? Verified claims: each protocol here makes them of bytes, keys and times."""
