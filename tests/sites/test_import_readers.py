"""Reading files: encodings, workbooks, GeoJSON, and what is refused."""

import json
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter

from app.errors import Invalid
from app.sites.importing.readers import LAT, LON, Options, read

TEXT = "名称,地址\n爱心小屋,银海街760号\n妈咪小屋,下沙路12号，二楼\n"
TRADITIONAL = "機構名稱,地址\n臺北市立圖書館,臺北市中正區忠孝東路一段\n國立臺灣博物館,臺北市大同區延平北路\n" * 3


def written(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("codec", "found"), [("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("utf-16", "utf-16"), ("gb18030", "gb18030")]
)
def test_the_encoding_is_found(tmp_path: Path, codec: str, found: str) -> None:
    source = read(written(tmp_path, "a.csv", TEXT.encode(codec)), Options(["名称", "地址"]))
    assert source.encoding == found
    assert source.columns == ("名称", "地址")
    assert source.rows[1] == (3, {"名称": "妈咪小屋", "地址": "下沙路12号，二楼"})


def test_big5_is_told_from_gb18030_by_the_expected_columns(tmp_path: Path) -> None:
    source = read(written(tmp_path, "a.csv", TRADITIONAL.encode("cp950")), Options(["機構名稱", "地址"]))
    assert source.encoding == "big5"
    assert source.rows[0][1]["機構名稱"] == "臺北市立圖書館"


def test_big5_without_telling_columns_is_told_by_its_language(tmp_path: Path) -> None:
    data = ("name,address\n" + TRADITIONAL * 10).encode("cp950")
    assert read(written(tmp_path, "a.csv", data), Options(["name"])).encoding == "big5"


def test_two_encodings_that_both_fit_are_not_guessed(tmp_path: Path) -> None:
    data = b"name\n" + "妈".encode("gb18030") + b"\n"
    with pytest.raises(Invalid, match="--encoding"):
        read(written(tmp_path, "a.csv", data), Options(["name"]))
    assert read(written(tmp_path, "a.csv", data), Options(["name"], encoding="gb18030")).rows[0][1] == {"name": "妈"}


@pytest.mark.parametrize(
    ("data", "encoding", "said"),
    [
        (b"name\n\xff\xff\xff\n", None, "neither UTF-8"),
        (b"\xef\xbb\xbfname\n\xff\n", None, "line 2"),
        (TEXT.encode("gb18030"), "utf-8", "line 1"),
        (TEXT.encode(), "klingon", "no encoding called klingon"),
        (b"", None, "empty"),
        (b"name\0\n", None, "not a text file"),
        (b'name\n"open\n', None, "not valid CSV"),
        (TEXT.encode(), None, "no column name"),
        (b"name,name\n1,2\n", None, "more than one column name"),
    ],
)
def test_files_that_cannot_be_read_are_refused(tmp_path: Path, data: bytes, encoding: str | None, said: str) -> None:
    with pytest.raises(Invalid, match=said):
        read(written(tmp_path, "a.csv", data), Options(["name"], encoding=encoding))


def test_line_breaks_in_cells_do_not_move_row_numbers(tmp_path: Path) -> None:
    source = read(written(tmp_path, "a.csv", b'name\r\n"one\nsecond line"\r\n\r\ntwo\r\n'), Options(["name"]))
    assert source.rows == ((2, {"name": "one\nsecond line"}), (4, {"name": "two"}))


def test_too_many_cells_are_kept_for_the_converter_to_refuse(tmp_path: Path) -> None:
    source = read(written(tmp_path, "a.csv", b"name\none,two\n"), Options(["name"]))
    assert source.rows == ((2, {"name": "one", "": ["two"]}),)


def test_workbooks_are_read_as_people_see_them(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        first, second = book.add_worksheet("空"), book.add_worksheet("清单")
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        first.write_row(0, 0, ["名称"])
        second.write_row(0, 0, ["名称", "面积", "间数", "启用"])
        second.write_row(1, 0, ["爱心小屋", 15.5, 2])
        second.write_datetime(1, 3, date(2025, 3, 8), day)
    cells = {"名称": "爱心小屋", "面积": "15.5", "间数": "2", "启用": "2025-03-08"}
    assert read(path, Options(["名称"], sheet="清单")).rows == ((2, cells),)
    assert read(path, Options(["名称"])).rows == ()
    assert read(path, Options(["名称", "面积"])).rows == ((2, cells),)
    with pytest.raises(Invalid, match="no column 楼层"):
        read(path, Options(["楼层"]))
    with pytest.raises(Invalid, match="no sheet 别的"):
        read(path, Options(["名称"], sheet="别的"))
    with pytest.raises(Invalid, match="not an XLSX workbook"):
        read(written(tmp_path, "b.xlsx", b"PK nonsense"), Options(["名称"]))


def test_what_stands_in_a_column_without_a_name_is_left_out(tmp_path: Path) -> None:
    text = "名称,,地址,\n甲,1,某路1号,\n乙,,某路2号,旁注\n丙,,某路,3号,又一格,\n"
    source = read(written(tmp_path, "a.csv", text.encode()), Options(["名称"]))
    assert source.columns == ("名称", "地址")
    assert source.rows[0] == (2, {"名称": "甲", "地址": "某路1号"})
    assert source.rows[1] == (3, {"名称": "乙", "地址": "某路2号"})
    assert source.rows[2][1][""] == ["又一格", ""]


def test_geojson_keeps_lists_and_points(tmp_path: Path) -> None:
    point = {"type": "Point", "coordinates": [1, 2]}
    features = [
        {"type": "Feature", "properties": {"n": "a", "s": ["x", "y"]}, "geometry": point},
        {"type": "Feature", "properties": None, "geometry": None},
        {"type": "Feature", "properties": {"n": "c"}, "geometry": {"type": "Polygon", "coordinates": []}},
        {"type": "Feature", "properties": {"n": "d"}, "geometry": {"type": "Point", "coordinates": []}},
    ]
    data = json.dumps({"type": "FeatureCollection", "features": features}).encode("utf-8-sig")
    source = read(written(tmp_path, "a.geojson", data), Options(["n"]))
    assert source.rows[0] == (1, {"n": "a", "s": ["x", "y"], LON: 1, LAT: 2})
    assert source.rows[1] == (2, {})
    assert [source.rows[number][1][LON] for number in (2, 3)] == ["Polygon", "Point"]


@pytest.mark.parametrize("data", [b"{}", b"[1]", b"nonsense", b'{"features": [1]}', b'{"features": [{}]}'])
def test_json_that_is_no_list_of_features_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(Invalid, match="not a GeoJSON"):
        read(written(tmp_path, "a.json", data), Options())


def test_other_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="neither CSV"):
        read(written(tmp_path, "a.pdf", b""), Options())
    with pytest.raises(Invalid, match="cannot be opened"):
        read(tmp_path / "nothing.csv", Options())
