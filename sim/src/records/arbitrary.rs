//! Schedules and settings for fuzz targets of one's own: `fuzz_target!(|records: Records| check.play(&records))`.

use super::Records;
use crate::world::settings::{Delivery, Settings, TimeMode};
use arbitrary::{Arbitrary, Result, Unstructured};
use warpbeam::heap::policy::GcPlan;

impl<'a> Arbitrary<'a> for Records {
    fn arbitrary(bytes: &mut Unstructured<'a>) -> Result<Records> {
        let length = bytes.len();
        Ok(Records::from_bytes(bytes.bytes(length)?))
    }

    fn size_hint(_depth: usize) -> (usize, Option<usize>) {
        (0, None)
    }
}

/// Those that no right program minds.
impl<'a> Arbitrary<'a> for Settings {
    fn arbitrary(bytes: &mut Unstructured<'a>) -> Result<Settings> {
        Ok(Settings {
            gc: *bytes.choose(&[GcPlan::Normal, GcPlan::Every(5), GcPlan::EverySafepoint])?,
            delivery: *bytes.choose(&[Delivery::Causal, Delivery::Pairwise])?,
            time: *bytes.choose(&[TimeMode::Budget, TimeMode::Idle, TimeMode::Free])?,
            ..Settings::default()
        })
    }
}
