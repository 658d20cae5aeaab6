//! What addresses are put together from.

/// Lower-case letters, none twice, none in [`LAST`]: addresses are told apart by them.
pub(super) const FIRST: [&str; 64] = [
    "ana", "ben", "eva", "tom", "lea", "max", "ida", "jon", "mia", "leo", "zoe", "kai", "amy",
    "ian", "eli", "liv", "nina", "paul", "emma", "luca", "sara", "adam", "olga", "igor", "yuki",
    "amir", "nora", "hugo", "lina", "omar", "elsa", "ivan", "maya", "noah", "rosa", "theo", "vera",
    "anna", "dora", "carl", "james", "maria", "peter", "sofia", "diego", "laura", "simon", "julia",
    "henry", "clara", "aisha", "ingrid", "dmitri", "fatima", "marek", "priya", "ahmed", "chloe",
    "felix", "agnes", "bruno", "celia", "mei", "jan",
];

/// As [`FIRST`].
pub(super) const LAST: [&str; 64] = [
    "kim", "lee", "cho", "ito", "roy", "fox", "may", "ray", "li", "wu", "ng", "diaz", "katz",
    "bell", "shah", "sato", "wong", "ruiz", "park", "cruz", "khan", "smith", "jones", "brown",
    "lopez", "silva", "rossi", "weber", "meyer", "novak", "kumar", "patel", "costa", "clark",
    "lewis", "young", "evans", "moore", "white", "adler", "berg", "holm", "lund", "vega", "mora",
    "ford", "reid", "wolf", "hahn", "voss", "kuhn", "garcia", "muller", "santos", "ivanov",
    "jensen", "nguyen", "fischer", "schmidt", "kowal", "dubois", "moreau", "haas", "brandt",
];

/// A company's domain is one of these,
pub(super) const WORD: [&str; 64] = [
    "acme", "alpha", "apex", "aster", "atlas", "beta", "birch", "blue", "bolt", "cargo", "cedar",
    "cobalt", "coral", "delta", "dune", "ember", "fabric", "falcon", "fern", "flint", "forge",
    "gamma", "globe", "grand", "green", "harbor", "hazel", "helix", "iris", "ivory", "jade",
    "juniper", "lake", "lemon", "linen", "lotus", "lunar", "maple", "marble", "mercury", "mint",
    "nova", "oak", "ocean", "olive", "onyx", "opal", "orbit", "pearl", "pine", "polar", "quartz",
    "raven", "river", "ruby", "sable", "sage", "silver", "solar", "spruce", "stone", "summit",
    "tidal", "zinc",
];

/// and one of these.
pub(super) const SYLLABLE: [&str; 64] = [
    "ba", "be", "bi", "bo", "da", "de", "di", "do", "fa", "fe", "fi", "fo", "ga", "ge", "gi", "go",
    "ka", "ke", "ki", "ko", "la", "le", "li", "lo", "ma", "me", "mi", "mo", "na", "ne", "ni", "no",
    "pa", "pe", "pi", "po", "ra", "re", "ri", "ro", "sa", "se", "si", "so", "ta", "te", "ti", "to",
    "va", "ve", "vi", "vo", "wa", "we", "wi", "wo", "xa", "xe", "xi", "xo", "za", "ze", "zi", "zo",
];

/// Where most people have their mail: likelier ones more than once.
pub(super) const PROVIDER: [&str; 16] = [
    "gmail.com",
    "gmail.com",
    "gmail.com",
    "gmail.com",
    "outlook.com",
    "outlook.com",
    "hotmail.com",
    "yahoo.com",
    "yahoo.com",
    "icloud.com",
    "gmx.de",
    "web.de",
    "aol.com",
    "mail.ru",
    "qq.com",
    "yahoo.co.uk",
];

/// U-label in NFC, A-label, U-label in NFD, of domains that have all three.
pub(super) const INTERNATIONAL: [[&str; 3]; 12] = [
    ["bücher.example", "xn--bcher-kva.example", "bu\u{308}cher.example"],
    ["münchen.example", "xn--mnchen-3ya.example", "mu\u{308}nchen.example"],
    ["café.example", "xn--caf-dma.example", "cafe\u{301}.example"],
    ["españa.example", "xn--espaa-rta.example", "espan\u{303}a.example"],
    ["мой-край.example", "xn----8sbzcdjot.example", "мои\u{306}-краи\u{306}.example"],
    ["łódź.example", "xn--d-uga0v4h.example", "ło\u{301}dz\u{301}.example"],
    ["ελλάδα.example", "xn--hxakic4aa.example", "ελλα\u{301}δα.example"],
    [
        "한국.example",
        "xn--3e0b707e.example",
        "\u{1112}\u{1161}\u{11ab}\u{1100}\u{116e}\u{11a8}.example",
    ],
    ["がくせい.example", "xn--n8jpj2c.example", "か\u{3099}くせい.example"],
    ["zürich.example", "xn--zrich-kva.example", "zu\u{308}rich.example"],
    ["århus.example", "xn--rhus-poa.example", "a\u{30a}rhus.example"],
    ["ñandú.example", "xn--and-6ma2c.example", "n\u{303}andu\u{301}.example"],
];
