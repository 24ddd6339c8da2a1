"""Files of roads as others write them, drawn here."""

import io
import warnings
import zipfile

import geopandas as gpd
import osmium
import shapely

NODES = {
    1: (105.70, 10.00),
    2: (105.701, 10.00),
    3: (105.702, 10.001),
    4: (105.702, 10.002),
    5: (105.70, 10.002),
}
WAYS = {
    10: ((1, 2, 3), {"highway": "secondary", "name": "Đường Ba Tháng Hai", "maxspeed": "50"}),
    11: ((3, 4), {"highway": "residential", "oneway": "yes"}),
    12: ((5, 4), {"highway": "residential", "oneway": "-1"}),
    13: ((5, 1), {"highway": "['misprint'"}),
    14: ((5, 1), {"highway": "service", "access": "destination"}),
    15: ((1, 2), {"building": "yes"}),
}


def xml(nodes=NODES, ways=WAYS, head=""):
    told = "".join(f'<node id="{key}" lon="{lon}" lat="{lat}"/>' for key, (lon, lat) in nodes.items())
    for key, (refs, tags) in ways.items():
        inside = "".join(f'<nd ref="{ref}"/>' for ref in refs)
        inside += "".join(f'<tag k="{k}" v="{v}"/>' for k, v in tags.items())
        told += f'<way id="{key}">{inside}</way>'
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{head}<osm version="0.6" generator="x">{told}</osm>'.encode()
    )


def saved(folder, name, content):
    path = folder / name
    path.write_bytes(content)
    return path


def pbf(folder, stamp=None):
    path, header = folder / "town.osm.pbf", osmium.io.Header()
    if stamp:
        header.set("osmosis_replication_timestamp", stamp)
    with osmium.SimpleWriter(str(path), header=header, overwrite=True) as writer:
        for item in osmium.FileProcessor(osmium.io.FileBuffer(xml(), "osm")):
            writer.add(item)
    return path


def graphml(edges, nodes=NODES, crs="epsg:4326", about=("x", "y")):
    """As OSMnx writes it, all attributes as text; an edge is (from, to, attributes)."""
    names = [*about, "crs", *sorted({name for *_, told in edges for name in told})]
    keys = "".join(
        f'<key id="{n}" for="all" attr.name="{name}" attr.type="string"/>' for n, name in enumerate(names)
    )

    def data(told):
        return "".join(f'<data key="{names.index(name)}">{value}</data>' for name, value in told.items())

    drawn = "".join(
        f'<edge source="{tail}" target="{head}" id="{n}">{data(told)}</edge>'
        for n, (tail, head, told) in enumerate(edges)
    )
    places = "".join(
        f'<node id="{key}">{data(dict(zip(about, at, strict=True)))}</node>' for key, at in nodes.items()
    )
    space = 'xmlns="http://graphml.graphdrawing.org/xmlns"'
    whole = f"{data({'crs': crs} if crs else {})}{places}{drawn}"
    return f"<graphml {space}>{keys}<graph edgedefault='directed'>{whole}</graph></graphml>".encode()


LINES = [
    ([(105.70, 10.00), (105.71, 10.00)], "Quốc lộ 91", 0),
    ([(105.710005, 10.00), (105.71, 10.01)], "Đường tỉnh 923", 1),  # half a metre off: meant to meet
    ([(105.71002, 10.01), (105.72, 10.01)], "hẻm", 0),  # two metres off: is not
    ([(105.705, 9.99), (105.705, 10.01)], "Đường huyện", 0),  # crosses the first without a vertex: a bridge
]


def layer(crs=4326, rows=LINES, **columns):
    shapes = [shapely.LineString(line) for line, *_ in rows]
    told = {"LOAI_DUONG": [row[1] for row in rows], "MOT_CHIEU": [row[2] for row in rows]} | columns
    return gpd.GeoDataFrame(told, geometry=shapes, crs=4326).to_crs(crs)


def as_bytes(frame, ending, folder, crs=True):
    bare = frame if crs else gpd.GeoDataFrame(frame.drop(columns="geometry"), geometry=list(frame.geometry))
    path = folder / f"lines{ending}"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        bare.to_file(path)
    if ending != ".shp":
        return path.read_bytes()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for part in folder.glob("lines.*"):
            archive.write(part, part.name)
    return packed.getvalue()
