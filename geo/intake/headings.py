"""What the heading of a column says is in it: the words that offices use, without their diacritics."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

Role = Literal["ordinal", "code", "commune", "district", "province", "population", "year"]
"""What a column is, where it is not a count; the code is that of the commune."""

Dimension = Literal["sex", "age", "substance"]

_D = str.maketrans("đðĐÐ", "ddDD")


def plain(text: str) -> str:
    """Words without diacritics, lower case, one space between: ``Xã/Phường`` is "xa phuong"."""
    letters = unicodedata.normalize("NFD", text.translate(_D).casefold())
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return " ".join(re.findall(r"\w+|[<>≤≥%]", bare))


_PLACE = r"(?:xa|phuong|thi tran|tt|p|x|dac khu|commune|ward)"
_AREA = r"(?:quan|huyen|thi xa|tx|q|h|district)"
_ROLES: tuple[tuple[Role, re.Pattern[str]], ...] = (
    ("ordinal", re.compile(r"(?:stt|tt|so tt|so thu tu|thu tu|no|n|id|a)")),
    ("code", re.compile(
        r"ma|ma so|ma gso|ma tctk|code|gso|gso code|pcode|"
        rf"ma (?:so )?(?:don vi|dvhc|hanh chinh|dia ban|dia phuong|cap xa|{_PLACE})\b.*|"
        r"(?:commune|ward|gso|admin|administrative) (?:unit )?(?:code|id|pcode)")),
    ("province", re.compile(r"(?:ten )?(?:tinh|province)\b(?!.*\bxa\b).*|thanh pho tinh")),
    ("commune", re.compile(
        rf"(?:ten |cac )*(?:don vi |dia ban |dia phuong |cap )*(?:hanh chinh )?(?:cap )?{_PLACE}\b.*|"
        rf"(?:ten )?(?:{_AREA}|thanh pho|tp)\b.*\b(?:xa|phuong|commune|ward)\b(?! hoi).*|"
        r"name of (?:the )?(?:commune|ward).*")),
    ("district", re.compile(
        rf"(?:ten |cac )*(?:don vi |dia ban |dia phuong )*(?:cap )?(?:{_AREA})\b.*|"
        r"(?:ten )?(?:thanh pho|tp) (?:quan|huyen|thi xa|tx)\b.*|name of (?:the )?district")),
    ("commune", re.compile(
        r"(?:ten |cac )*(?:don vi|don vi hanh chinh|dvhc|dia ban|dia phuong|noi cu tru|khu vuc|ten|noi dung|"
        r"place|name|area|locality|administrative unit|unit)(?: quan ly)?")),
    ("population", re.compile(r".*\b(?:dan so|population|nhan khau)\b.*")),
    ("year", re.compile(r"nam|year|nam (?:thong ke|bao cao|so lieu)")),
)  # fmt: skip

_PERSONS = re.compile(
    r"\b(?:so (?:luong|nguoi|doi tuong|ca|nghien|lieu)|nguoi|nghien|ho so|hsql|counts?|persons?|people|"
    r"registered|number|sl|tong|cong|total|quan ly)\b"
)
_WHOLE = re.compile(r"\b(?:tong so|tong cong|tong|cong|total)\b")
_REGISTERED = re.compile(r"\b(?:ho so|hsql|quan ly|registered)\b")
_OTHER = re.compile(
    r"\b(?:dieu tri|methadone|mmt|cai nghien|trung tam|cat con|tu vong|hiv|uong thuoc|phat hien|tang|giam|"
    r"so voi|ty le|ti le|nghi nghien|nghi su dung|su dung trai phep|sau cai|treatment|rate|share|so ho|"
    r"so xa|so phuong|dien tich|area|km2|chi tieu|ke hoach|muc tieu|plan|target)\b|%"
)
_YEAR = re.compile(r"\b(19[89]\d|20\d\d)\b")
_SUBSTANCES = re.compile(
    r"\b(?:heroin|hong phien|thuoc phien|opioids?|opiates?|cdtp|chat dang thuoc phien|ats|ma tuy da|"
    r"meth(?!adon)\w*|amphetamin\w*|ma tuy tong hop|tong hop|synthetics?|can sa|cannabis|thuoc lac|ecstasy|"
    r"ketamin\w*)\b|^da$"
)
_REST = re.compile(
    r"(?:(?:cac )?(?:loai|chat|chat gay nghien|ma tuy) )*(?:khac|others?)(?: (?:drugs?|substances?))?"
)
_AGE = re.compile(
    r"\b(?:tuoi|aged?|years old)\b|^(?:duoi|tren|tu|under|over|<|>|≤|≥) ?\d+|^\d{1,2} (?:den )?\d{1,2}$|"
    r"^(?:tu )?\d{1,2} (?:tro len|den)\b"
)


@dataclass(frozen=True, slots=True)
class Heading:
    """The heading of one column: its texts from top to bottom and what they say."""

    texts: tuple[str, ...]

    @property
    def text(self) -> str:
        """All of it on one line."""
        return " ".join(self.texts)

    @property
    def _last(self) -> str:
        return plain(self.texts[-1]) if self.texts else ""

    @property
    def role(self) -> Role | None:
        """What the column is by the lowest heading that says so; None for counts and what is unknown."""
        for text in reversed(self.texts):
            said = plain(text)
            # Without its marks Nam (male) is Năm (year).
            if said == "nam" and "ă" not in unicodedata.normalize("NFC", text.casefold()):
                return None
            for role, pattern in _ROLES:
                if pattern.fullmatch(said):
                    return role
        return None

    @property
    def year(self) -> str | None:
        """The one year that the lowest heading names, else that above it."""
        for text in reversed(self.texts):
            found = set(_YEAR.findall(plain(text)))
            if found:
                return found.pop() if len(found) == 1 else None
        return None

    @property
    def part(self) -> tuple[Dimension, str] | None:
        """The sex, age band or substance that the lowest heading names."""
        last = self._last
        if last in {"nam", "nu", "nam gioi", "nu gioi", "male", "female", "men", "women"}:
            if last == "nam" and "ă" in unicodedata.normalize("NFC", self.texts[-1].casefold()):
                return None
            return "sex", self.texts[-1]
        if _AGE.search(last) and not _YEAR.search(last):
            return "age", self.texts[-1]
        if _SUBSTANCES.search(last) and not _WHOLE.search(last.replace("tong hop", "")):
            return "substance", self.texts[-1]
        return None

    @property
    def rest(self) -> bool:
        """Whether the lowest heading says "other": of what the columns before it name."""
        return bool(_REST.fullmatch(self._last))

    @property
    def counts(self) -> int:
        """How well it names registered persons: 0 not at all, negative for another figure."""
        said = plain(self.text)
        if self.part or (self.role and self.role != "year"):
            return 0
        if _OTHER.search(said) or len(set(_YEAR.findall(self._last))) > 1:
            return -1
        points = 3 * bool(_REGISTERED.search(said)) + 2 * bool(_WHOLE.search(self._last))
        return points + bool(_PERSONS.search(said)) + bool(_YEAR.search(self._last))
