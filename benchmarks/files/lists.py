"""Lists of made-up sites, always the same for the same number: columns as ``profiles/standard.toml`` reads them."""

import csv
import random
from collections.abc import Iterator
from pathlib import Path

COLUMNS = (
    "编号", "名称", "地址", "行政区划代码", "类型", "场所", "对外开放", "公开显示", "进入方式", "楼层", "位置指引",
    "面积", "启用日期", "公开电话", "联系人", "联系电话", "备注", "开放时间", "经度", "纬度", "设施",
)  # fmt: skip
HOURS = (
    "周一至周五 8:30-17:30", "全天", "周一至周日 9:00-21:00", "工作日 08:00-12:00，13:30-17:30", "商场营业时间", "",
    "周一至周六 9:00-18:00", "24小时开放",
)  # fmt: skip
FACILITIES = ("沙发", "冰箱", "尿布台", "洗手台", "座椅", "温奶器", "微波炉", "空调", "门可反锁", "饮水机", "纸巾")
DISTRICTS = (
    ("330114", "钱塘区", 120.50, 30.31),
    ("330106", "西湖区", 120.11, 30.25),
    ("330110", "余杭区", 119.98, 30.38),
    ("330102", "上城区", 120.19, 30.25),
    ("330109", "萧山区", 120.27, 30.17),
)
PLACES = ("购物中心", "医院", "科技园", "地铁站", "产业园", "写字楼", "图书馆", "政务服务中心")


def rows(number: int, seed: int = 5) -> Iterator[list[str]]:
    """`number` rows in the order of `COLUMNS`: most with a pin, hours and facilities, some without, as lists are."""
    chance = random.Random(seed)
    for place in range(number):
        code, district, lon, lat = chance.choice(DISTRICTS)
        name = f"{district}{chance.choice(PLACES)}第{place}母婴室"
        has_pin = chance.random() > 0.02
        yield [
            f"S{place:07}",
            name,
            f"杭州市{district}{chance.choice('文一二三四')}路{chance.randrange(1, 999)}号{chance.randrange(1, 9)}幢",
            code,
            "小屋",
            chance.choice(("公共场所", "单位内部")),
            "是",
            "是",
            chance.choice(("", "向服务台说明即可", "门口按铃")),
            f"{chance.randrange(1, 9)}楼",
            chance.choice(("", "电梯旁", "服务台后面", "洗手间对面")) + str(chance.randrange(30)),
            f"{chance.randrange(6, 40)}.{chance.randrange(10)}",
            f"202{chance.randrange(6)}-0{chance.randrange(1, 10)}-1{chance.randrange(10)}",
            f"0571-{chance.randrange(80000000, 89999999)}",
            chance.choice("王李张刘陈") + "主任",
            f"0571-{chance.randrange(80000000, 89999999)}",
            "",
            chance.choice(HOURS),
            f"{lon + chance.uniform(-0.05, 0.05):.6f}" if has_pin else "",
            f"{lat + chance.uniform(-0.05, 0.05):.6f}" if has_pin else "",
            "、".join(chance.sample(FACILITIES, chance.randrange(1, 7))),
        ]


def write_csv(path: Path, number: int) -> Path:
    """The list as a CSV file in UTF-8."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(rows(number))
    return path
