"""From a number of a mart back to its fact rows, their events, and the lines they came from.

`rules` says per column which rows of which fact are counted, `numbers` reads them. The counting
itself is the marts'; a test holds the two against each other for every count.
"""
