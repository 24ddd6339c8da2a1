"""Places: administrative lists, boundaries, demand, premises, travel times and maps.

Knows nothing of optimisation and nothing of the screen.  Frames in, frames out; EPSG:4326 at the
edges, a metric projection inside; codes are text; names are tidied on the way in.
"""
