"""Files of merchants become listings: read, previewed, mapped, taken or refused row by row.

`records` and `formats/` are pure: bytes in, items out, every input row accounted for. `operations`
writes them. Rows in = rows taken + rows refused, always; a refusal says what, where and how to fix it.
"""
