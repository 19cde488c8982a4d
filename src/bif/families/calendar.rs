//! Dates and times of day in the Gregorian calendar, without zones.
//! Source: the day counts are the usual ones of the proleptic calendar, in cycles of 400 years from March.

/// Seconds before which OTP has no local time: the least of 32 bits.
pub(super) const EARLIEST_LOCAL_S: i64 = i32::MIN as i64;

/// Years before this have no number of seconds in OTP.
const FIRST_YEAR: i64 = 1600;
/// Years from here on would not fit.
const END_YEAR: i64 = 1 << 31;

const DAY_S: i64 = 86_400;
/// Days of 400 years.
const CYCLE_DAYS: i64 = 146_097;
/// Days from the 1st of March of year 0 to the beginning of 1970.
const EPOCH_DAYS: i64 = 719_468;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct DateTime {
    /// Year, month from 1, day from 1.
    pub date: [i64; 3],
    /// Hour, minute, second.
    pub time: [i64; 3],
}

fn month_days(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

impl DateTime {
    /// Seconds since 1970 as a date and time.
    pub fn of_posix(seconds: i64) -> DateTime {
        let second = seconds.rem_euclid(DAY_S);
        let days = seconds.div_euclid(DAY_S) + EPOCH_DAYS;
        let cycle = days.div_euclid(CYCLE_DAYS);
        let day = days.rem_euclid(CYCLE_DAYS);
        // Leap days come last in years that begin in March.
        let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
        let day_of_year = day - (365 * year + year / 4 - year / 100);
        let month = (5 * day_of_year + 2) / 153;
        let date = [
            cycle * 400 + year + i64::from(month >= 10),
            if month < 10 { month + 3 } else { month - 9 },
            day_of_year - (153 * month + 2) / 5 + 1,
        ];
        DateTime { date, time: [second / 3600, second / 60 % 60, second % 60] }
    }

    /// Whether there is such a date and time, in a year that has seconds.
    pub fn is_valid(&self) -> bool {
        let ([year, month, day], [hour, minute, second]) = (self.date, self.time);
        (FIRST_YEAR..END_YEAR).contains(&year)
            && (1..=12).contains(&month)
            && (1..=month_days(year, month)).contains(&day)
            && (0..24).contains(&hour)
            && (0..60).contains(&minute)
            && (0..60).contains(&second)
    }

    /// Seconds since 1970.
    pub fn to_posix(self) -> i64 {
        let ([year, month, day], [hour, minute, second]) = (self.date, self.time);
        let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
        let cycle = year.div_euclid(400);
        let year = year.rem_euclid(400);
        let days = 365 * year + year / 4 - year / 100 + (153 * month + 2) / 5 + day - 1;
        (cycle * CYCLE_DAYS + days - EPOCH_DAYS) * DAY_S + hour * 3600 + minute * 60 + second
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Walks every day of 900 years by counting, and asks both ways.
    #[test]
    fn dates_and_seconds_agree_day_by_day() {
        let mut at = DateTime { date: [1600, 1, 1], time: [23, 59, 58] };
        let mut seconds = at.to_posix();
        assert_eq!(seconds, -11_676_096_000 + 86_398);
        while at.date[0] < 2500 {
            assert!(at.is_valid());
            assert_eq!((at.to_posix(), DateTime::of_posix(seconds)), (seconds, at));
            seconds += DAY_S;
            let [year, month, day] = at.date;
            at.date = match (month, day) {
                (12, 31) => [year + 1, 1, 1],
                (_, day) if day == month_days(year, month) => [year, month + 1, 1],
                _ => [year, month, day + 1],
            };
        }
    }
}
