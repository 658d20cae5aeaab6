//! Encodes text in the charsets of encoded words. The two East Asian ones know the characters that
//! `phrases.txt` uses and no others; what a charset lacks is written in UTF-8.

/// A charset by its name in an encoded word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Charset {
    /// As base64.
    Utf8,
    /// As quoted-printable.
    Utf8Q,
    Latin1,
    Koi8R,
    Windows1251,
    Gb2312,
    Iso2022Jp,
}

/// Character and GB 2312 octets in EUC form.
const GB2312: &str = "\
    。A1A3 一D2BB 上C9CF 下CFC2 不B2BB 两C1BD 个B8F6 中D6D0 主D6F7 了C1CB 二B6FE 于D3DA 云D4C6 人C8CB \
    以D2D4 们C3C7 件BCFE 价BCDB 会BBE1 光B9E2 公B9AB 关B9D8 写D0B4 冬B6AC 到B5BD 前C7B0 办B0EC 加BCD3 \
    动B6AF 北B1B1 单B5A5 发B7A2 台CCA8 合BACF 同CDAC 四CBC4 回BBD8 在D4DA 壳BFC7 备B1B8 复B8B4 外CDE2 \
    好BAC3 字D7D6 安B0B2 室CAD2 川B4A8 已D2D1 您C4FA 想CFEB 我CED2 报B1A8 排C5C5 收CAD5 故B9CA 数CAFD \
    方B7BD 时CAB1 明C3F7 星D0C7 晨B3BF 月D4C2 期C6DA 林C1D6 海BAA3 然C8BB 田CCEF 白B0D7 的B5C4 看BFB4 \
    石CAAF 破C6C6 第B5DA 答B4F0 经BEAD 自D7D4 订B6A9 议D2E9 设C9E8 请C7EB 谢D0BB 货BBF5 转D7AA 送CBCD \
    道B5C0 里C0EF 问CECA 间BCE4 附B8BD 陈B3C2 障D5CF 青C7E0 题CCE2 ：A3BA";

/// Character and JIS X 0208 octets.
const JIS: &str = "\
    。2123 い2424 お242A が242C き242D く242F ご2434 さ2435 し2437 す2439 せ243B た243F だ2440 ち2441 \
    つ2444 て2446 で2447 な244A に244B の244E は244F ま245E よ2468 り246A ろ246D わ246F を2472 ん2473 \
    不4954 世4024 二4673 人3F4D 付4955 件376F 信3F2E 先4068 光3877 具3671 出3D50 加3243 動4630 北4B4C \
    千4069 原3836 台4266 合3967 名4C3E 在3A5F 夏3246 契3740 字3B7A 宛3038 小3E2E 山3B33 川406E 差3A39 \
    応317E 打4247 損423B 数3F74 文4A38 日467C 早4161 春3D55 時3B7E 曜4D4B 書3D71 月376E 朝442B 木4C5A \
    村423C 樹3C79 沢4274 注436D 海3324 添453A 田4544 白4772 目4C5C 石4050 破474B 確334E 積4051 答457A \
    約4C73 置4356 自3C2B 葉4D55 装4175 見382B 話4F43 認4727 転453E 返4A56 追4449 送4177 野4C6E 雪4063 \
    青4044 願346A 高3962 ：2127";

/// The 32 lower-case letters from а in the order of KOI8-R, from 0xC0; capitals from 0xE0.
const KOI8: &str = "юабцдефгхийклмнопярстужвьызшэщчъ";

impl Charset {
    /// The charset of a column in `programs.txt`.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "utf-8" => Self::Utf8,
            "utf-8q" => Self::Utf8Q,
            "iso-8859-1" => Self::Latin1,
            "koi8-r" => Self::Koi8R,
            "windows-1251" => Self::Windows1251,
            "gb2312" => Self::Gb2312,
            "iso-2022-jp" => Self::Iso2022Jp,
            _ => return None,
        })
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Utf8 | Self::Utf8Q => "utf-8",
            Self::Latin1 => "iso-8859-1",
            Self::Koi8R => "koi8-r",
            Self::Windows1251 => "windows-1251",
            Self::Gb2312 => "gb2312",
            Self::Iso2022Jp => "iso-2022-jp",
        }
    }

    /// True where Q encoding is usual.
    pub(crate) fn prefers_q(self) -> bool {
        matches!(self, Self::Utf8Q | Self::Latin1)
    }

    /// The text in this charset, unless it lacks a character.
    pub(crate) fn encode(self, text: &str) -> Option<Vec<u8>> {
        let mut out = Vec::with_capacity(text.len());
        let mut wide = false;
        for c in text.chars() {
            if self == Self::Iso2022Jp && wide == c.is_ascii() {
                out.extend_from_slice(if wide { b"\x1B(B" } else { b"\x1B$B" });
                wide = !wide;
            }
            if c.is_ascii() || self.name() == "utf-8" {
                out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            } else {
                out.extend(self.octets(c)?.into_iter().flatten());
            }
        }
        if wide {
            out.extend_from_slice(b"\x1B(B");
        }
        Some(out)
    }

    /// One character that is not ASCII.
    fn octets(self, c: char) -> Option<[Option<u8>; 2]> {
        let single = |byte: u32| Some([u8::try_from(byte).ok(), None]);
        let code = u32::from(c);
        match self {
            Self::Latin1 if (0xA0..=0xFF).contains(&code) => single(code),
            Self::Windows1251 if (0x410..=0x44F).contains(&code) => single(code - 0x410 + 0xC0),
            Self::Koi8R if (0x430..=0x44F).contains(&code) => {
                single(0xC0 + KOI8.chars().position(|k| k == c)? as u32)
            }
            Self::Koi8R if (0x410..=0x42F).contains(&code) => {
                let lower = char::from_u32(code + 0x20)?;
                single(0xE0 + KOI8.chars().position(|k| k == lower)? as u32)
            }
            Self::Gb2312 => looked_up(GB2312, c),
            Self::Iso2022Jp => looked_up(JIS, c),
            _ => None,
        }
    }
}

fn looked_up(table: &str, c: char) -> Option<[Option<u8>; 2]> {
    let digits = table.split(' ').find_map(|entry| entry.strip_prefix(c))?;
    let code = u16::from_str_radix(digits, 16).ok()?;
    let [high, low] = code.to_be_bytes();
    Some([Some(high), Some(low)])
}
