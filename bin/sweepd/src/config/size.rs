//! How many bytes are "10MiB"?
//!
//! Units of 1000 (`kB`, `MB`, `GB`) and of 1024 (`KiB`, `MiB`, `GiB`); a bare number is refused.

/// Units from large to small within each family, and their bytes. `KB` is read as `kB`.
const UNITS: [(&str, u64); 8] = [
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("KiB", 1 << 10),
    ("GB", 1_000_000_000),
    ("MB", 1_000_000),
    ("kB", 1000),
    ("KB", 1000),
    ("B", 1),
];

/// Reads a size: a whole number and a unit, with or without a space between them.
///
/// # Errors
///
/// A sentence that quotes the text and shows an example.
pub(crate) fn parse(text: &str) -> Result<u64, String> {
    let trimmed = text.trim();
    let digits = trimmed.find(|c: char| !c.is_ascii_digit()).unwrap_or(trimmed.len());
    let (number, unit) = trimmed.split_at(digits);
    let unit = UNITS.iter().find(|(name, _)| *name == unit.trim_start());
    number
        .parse::<u64>()
        .ok()
        .zip(unit)
        .and_then(|(number, (_, bytes))| number.checked_mul(*bytes))
        .ok_or_else(|| format!("{text:?} is no size; write for example \"512KiB\" or \"10MiB\""))
}

/// Writes a size so that [`parse`] reads it again, in the largest unit that divides it.
pub(crate) fn show(size: u64) -> String {
    UNITS
        .iter()
        .find(|(_, bytes)| size >= *bytes && size.is_multiple_of(*bytes))
        .map_or_else(|| "0B".to_owned(), |(unit, bytes)| format!("{}{unit}", size / bytes))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn sizes_are_read_in_both_families_of_units() {
        let cases = [
            ("10MiB", 10_485_760),
            ("10 MiB", 10_485_760),
            ("512KiB", 524_288),
            ("1GB", 1_000_000_000),
            ("64kB", 64_000),
            ("64KB", 64_000),
            ("100B", 100),
            ("0B", 0),
        ];
        for (text, bytes) in cases {
            assert_eq!(parse(text), Ok(bytes), "{text}");
        }
    }

    #[test]
    fn what_is_no_size_is_quoted() {
        for text in ["", "10", "MiB", "1.5MiB", "-1B", "10mib", "99999999999GiB"] {
            let told = parse(text).unwrap_err();
            assert!(told.starts_with(&format!("{text:?} is no size; write")), "{told}");
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_reads_as_the_same_size(size: u64) {
            prop_assert_eq!(parse(&show(size)), Ok(size));
        }
    }
}
