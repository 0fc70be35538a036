"""How pairs of activities that may be one are found; the layer itself is `atlas.layers.duplicates`.

In the order of the work: ``entries`` (what is compared, from ``texts`` and ``grounds``),
``blocks`` (which pairs are worth a look), ``pairs`` (scored by ``likeness`` and ``evidence``),
``groups`` (which tellings are one), ``reasons`` (the score in words) and ``settled`` (what people
decided). ``lists`` looks long tables up by number.
"""
