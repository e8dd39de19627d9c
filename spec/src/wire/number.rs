//! JSON numbers as exact decimals.

/// A JSON number taken apart.
pub(crate) struct Decimal<'t> {
    negative: bool,
    whole: &'t str,
    fraction: &'t str,
    exponent: i64,
}

impl<'t> Decimal<'t> {
    /// Takes apart what the JSON grammar calls a number; `None` for anything else.
    pub(crate) fn parse(text: &'t str) -> Option<Self> {
        let (negative, rest) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (mantissa, exponent) = match rest.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, read_exponent(exponent)?),
            None => (rest, 0),
        };
        let (whole, fraction) = match mantissa.split_once('.') {
            Some((whole, fraction)) if is_digits(fraction) => (whole, fraction),
            Some(_) => return None,
            None => (mantissa, ""),
        };
        let usual = is_digits(whole) && (whole == "0" || !whole.starts_with('0'));
        usual.then_some(Self { negative, whole, fraction, exponent })
    }

    /// Whether the value has no fraction. No work grows with the exponent.
    pub(crate) fn is_whole(&self) -> bool {
        let digits = self.whole.bytes().chain(self.fraction.bytes());
        let point = i64::try_from(self.whole.len()).unwrap_or(i64::MAX).saturating_add(self.exponent);
        digits.skip(usize::try_from(point).unwrap_or(0)).all(|digit| digit == b'0')
    }

    /// The value times a power of ten, rounded down, and whether nothing was cut off; `None` where it does
    /// not fit. No work grows with the exponent.
    pub(crate) fn scaled(&self, power: i64) -> Option<(i128, bool)> {
        let digits = self.whole.bytes().chain(self.fraction.bytes());
        let leading = digits.clone().take_while(|digit| *digit == b'0').count();
        let digits = digits.skip(leading);
        let count = self.whole.len() + self.fraction.len() - leading;
        if count == 0 {
            return Some((0, true));
        }
        // How many digits stand before the point, once leading zeros are gone.
        let point = i64::try_from(self.whole.len()).ok()? - i64::try_from(leading).ok()?;
        let point = point.saturating_add(self.exponent).saturating_add(power);
        if point > 39 {
            return None;
        }
        let point = usize::try_from(point).unwrap_or(0);
        let mut value = 0_i128;
        for digit in digits.clone().map(Some).chain(std::iter::repeat(None)).take(point) {
            let digit = digit.map_or(0, |digit| digit - b'0');
            value = value.checked_mul(10)?.checked_add(i128::from(digit))?;
        }
        let exact = digits.skip(point).all(|digit| digit == b'0');
        let value = if self.negative { -value - i128::from(!exact) } else { value };
        Some((value, exact))
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// An exponent too large for the type is as good as the largest: no value has that many digits.
fn read_exponent(text: &str) -> Option<i64> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    is_digits(digits).then(|| sign * digits.parse::<i64>().unwrap_or(i64::MAX / 4))
}
