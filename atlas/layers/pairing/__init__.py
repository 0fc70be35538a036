"""How pairs of activities that may be one are found; the layer itself is `atlas.layers.duplicates`.

In the order of the work: ``entries`` (what is compared of each activity), ``blocks`` (which pairs
are worth a look), ``evidence`` (how alike a pair is, and what it is called), ``pairs`` (all pairs,
scored, and why in words) and ``groups`` (which reports are one activity, and what people decided).
"""
