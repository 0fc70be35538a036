"""From the bytes of a file to sheets and paragraphs, whatever program wrote them.

``admission`` lets a file in, ``readers`` chooses who reads it; what may be hostile is read in a
process of its own (``confined``).
"""
