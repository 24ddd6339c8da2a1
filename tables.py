"""The data dictionary: every column of every table that a plan carries, once.

Screens and exports take labels, units and descriptions from here; nobody renames a column on the way out.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import pandas as pd

from text import Text

Dtype = Literal["str", "int64", "float64", "bool"]


class Column(NamedTuple):
    """One column: its name in code, dtype, unit, and what people read.

    `private` marks counts of persons that could point at somebody when they are small: they leave the planner's
    screen only as bands (domain.md, "Privacy and respect").
    """

    name: str
    dtype: Dtype
    unit: str
    label: Text
    description: Text
    private: bool = False


_COLUMNS: tuple[Column, ...] = (
    Column("commune_code", "str", "", Text("Mã xã", "Commune code"), Text("Mã đơn vị hành chính cấp xã", "Official code of the commune")),
    Column("commune", "str", "", Text("Xã, phường, thị trấn", "Commune"), Text("Tên đơn vị hành chính cấp xã", "Name of the commune")),
    Column("commune_type", "str", "", Text("Loại đơn vị", "Type of commune"), Text("Phường, xã hoặc thị trấn", "Ward, rural commune or township")),
    Column("group", "str", "", Text("Mã địa bàn", "Group code"), Text("Mã quận, huyện hoặc địa bàn phục vụ", "Code of the district or service area")),
    Column("group_name", "str", "", Text("Địa bàn", "District or area"), Text("Quận, huyện hoặc địa bàn phục vụ", "District or service area")),
    Column("lat", "float64", "°", Text("Vĩ độ", "Latitude"), Text("WGS84", "WGS84")),
    Column("lon", "float64", "°", Text("Kinh độ", "Longitude"), Text("WGS84", "WGS84")),
    Column("persons", "float64", "persons", Text("Số người", "Persons"), Text("Người nghiện ma túy có hồ sơ quản lý", "Registered persons with drug dependence"), private=True),
    Column("persons_estimated", "bool", "", Text("Ước tính", "Estimated"), Text("Số người của xã được chia từ tổng của địa bàn", "The commune's count was split from its group's total")),
    Column("premises", "str", "", Text("Mã cơ sở", "Premises id"), Text("Mã cơ sở đặt điểm", "Id of the host premises")),
    Column("premises_name", "str", "", Text("Cơ sở đặt điểm", "Host premises"), Text("Tên cơ sở đặt điểm", "Name of the host premises")),
    Column("premises_type", "str", "", Text("Loại cơ sở", "Type of premises"), Text("Loại cơ sở đặt điểm", "Type of the host premises")),
    Column("assumed", "bool", "", Text("Vị trí giả định", "Assumed place"), Text("Không văn bản nào nêu vị trí này", "No document names this place")),
    Column("facility", "str", "", Text("Mã điểm", "Facility id"), Text("Cơ sở đặt điểm và loại điểm", "Premises and kind")),
    Column("kind", "str", "", Text("Loại điểm", "Kind"), Text("Loại điểm theo kịch bản", "Kind of facility in the scenario")),
    Column("service", "str", "", Text("Dịch vụ", "Service"), Text("Dịch vụ mà điểm cung cấp", "Service that the kind provides")),
    Column("existing", "bool", "", Text("Đã có", "Existing"), Text("Đã hoạt động trước giai đoạn đầu", "In operation before the first stage")),
    Column("opened_stage", "str", "", Text("Giai đoạn mở", "Opened in"), Text("Giai đoạn mở điểm; trống nếu đã có", "Stage of opening; empty when existing")),
    Column("host_kind", "str", "", Text("Đặt cùng", "Stands beside"), Text("Loại điểm đặt cùng cơ sở mà quy tắc yêu cầu", "Kind at the same premises that a rule asks for")),
    Column("caseload", "float64", "persons", Text("Số người phục vụ", "Caseload"), Text("Số người được điểm phục vụ ở giai đoạn cuối", "Persons served by the facility in the last stage"), private=True),
    Column("capacity", "float64", "persons", Text("Công suất", "Capacity"), Text("Số người phục vụ tối đa; trống nếu không giới hạn", "Most persons it can serve; empty when unlimited")),
    Column("parent", "str", "", Text("Cơ sở quản lý", "Parent facility"), Text("Cơ sở điều trị quản lý điểm", "Treatment facility that feeds the point")),
    Column("stage", "str", "", Text("Giai đoạn", "Stage"), Text("Giai đoạn của kế hoạch", "Stage of the plan")),
    Column("years", "int64", "years", Text("Số năm", "Years"), Text("Độ dài của giai đoạn", "Length of the stage")),
    Column("minutes", "float64", "minutes", Text("Phút đi một chiều", "Minutes one way"), Text("Thời gian đi một chiều", "One-way travel time")),
    Column("demand", "float64", "persons", Text("Nhu cầu", "Demand"), Text("Số người cần dịch vụ", "Persons who need the service"), private=True),
    Column("served", "float64", "persons", Text("Được phục vụ", "Served"), Text("Trong tầm với và còn chỗ", "Within reach and with a place"), private=True),
    Column("no_capacity", "float64", "persons", Text("Trong tầm với nhưng hết chỗ", "Within reach, no place left"), Text("Có điểm trong tầm với nhưng không còn chỗ", "A point is within reach but full"), private=True),
    Column("out_of_reach", "float64", "persons", Text("Ngoài tầm với", "Out of reach"), Text("Không có điểm nào trong tiêu chuẩn đi lại", "No point within the travel standard"), private=True),
    Column("within_reach", "bool", "", Text("Trong tầm với", "Within reach"), Text("Có điểm đang hoạt động trong tiêu chuẩn đi lại", "A point in operation lies within the travel standard")),
    Column("share", "float64", "share", Text("Tỷ lệ được phục vụ", "Share served"), Text("Được phục vụ / nhu cầu", "Served over demand"), private=True),
    Column("points", "int64", "points", Text("Số điểm", "Points"), Text("Số điểm đang hoạt động", "Points in operation")),
    Column("opened", "int64", "points", Text("Mở mới", "Opened"), Text("Số điểm mở trong giai đoạn", "Points opened in the stage")),
    Column("open", "int64", "points", Text("Đang hoạt động", "In operation"), Text("Số điểm hoạt động cuối giai đoạn", "Points in operation at the end of the stage")),
    Column("cost_vnd", "int64", "VND", Text("Chi phí", "Cost"), Text("Chi phí của các điểm thuộc quy tắc kinh phí", "Cost of the facilities that a budget counts")),
    Column("budget_vnd", "float64", "VND", Text("Kinh phí", "Budget"), Text("Kinh phí của giai đoạn; trống nếu không có", "Budget of the stage; empty when there is none")),
    Column("rule", "str", "", Text("Mã quy tắc", "Rule id"), Text("Mã quy tắc trong kịch bản", "Id of the rule in the scenario")),
    Column("text_vi", "str", "", Text("Quy tắc", "Rule (Vietnamese)"), Text("Lời của quy tắc", "Words of the rule")),
    Column("text_en", "str", "", Text("Quy tắc (tiếng Anh)", "Rule"), Text("Lời của quy tắc bằng tiếng Anh", "Words of the rule in English")),
    Column("source", "str", "", Text("Nguồn", "Source"), Text("Mục của văn bản, hoặc inferred, estimate, user", "Section of the plan, or inferred, estimate, user")),
    Column("kept", "bool", "", Text("Giữ được", "Kept"), Text("Phương án giữ được quy tắc", "The plan keeps the rule")),
)  # fmt: skip

COLUMNS: dict[str, Column] = {c.name: c for c in _COLUMNS}

TABLES: dict[str, tuple[str, ...]] = {
    "communes": ("commune_code", "commune", "commune_type", "group", "group_name", "lat", "lon", "persons",
                 "persons_estimated"),
    "facilities": ("facility", "premises", "premises_name", "premises_type", "kind", "service", "group", "group_name",
                   "commune_code", "commune", "lat", "lon", "assumed", "existing", "opened_stage", "host_kind",
                   "caseload", "capacity", "parent"),
    "allocation": ("commune_code", "facility", "service", "stage", "persons", "minutes"),
    "access": ("commune_code", "service", "stage", "demand", "served", "no_capacity", "out_of_reach", "facility",
               "minutes"),
    "coverage": ("service", "stage", "demand", "served", "no_capacity", "out_of_reach", "share"),
    "group_coverage": ("group", "group_name", "service", "stage", "demand", "served", "no_capacity", "out_of_reach",
                       "share", "points"),
    "stages": ("stage", "years", "opened", "cost_vnd", "budget_vnd"),
    "counts": ("stage", "kind", "opened", "open"),
    "rules": ("rule", "text_vi", "text_en", "source", "kept"),
}  # fmt: skip
"""Columns of each table of a `Plan`, in order.  In ``access``, `facility` and `minutes` are those of the nearest open
facility, within the standard or not (empty and NaN where there is none)."""


def shaped(table: str, rows: list[dict[str, object]] | pd.DataFrame) -> pd.DataFrame:
    """`rows` as the table of that name: its columns, in order, with their dtypes; anything else is an error."""
    frame = pd.DataFrame(rows, columns=list(TABLES[table])) if isinstance(rows, list) else rows[list(TABLES[table])]
    return frame.astype({name: COLUMNS[name].dtype for name in TABLES[table]}).reset_index(drop=True)
