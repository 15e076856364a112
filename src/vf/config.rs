// SPDX-License-Identifier: LGPL-2.1-or-later
//! The MAC and the VLAN of a VF together.

use super::mac::{ZERO, mac_report, request_mac};
use super::nested::{self, Failed};
use super::read_pf;
use super::retry::until_ready;
use super::vlan::{checked_id, vlan_report};
use crate::capi::interpose;
use crate::error::{Error, Failure};
use crate::report::{self, Action, MacNow, Report};
use crate::types::{Mac, Outcome, PfState, Target, Vf};
use core::ffi::CStr;
use libc::c_int;

const FUNCTION: &CStr = c"virNetDevSetVfConfig";

/// The fallback MAC: libvirt gives it to a VF if a zero MAC is refused (altZeroMAC in its virnetdev.c).
const FALLBACK: Mac = [2, 0, 0, 0, 0, 0];

/// Sets the MAC, if one is given, then the VLAN (contract C1 to C8).
///
/// These are two requests. If one request had both, a DPU would set the MAC and then refuse the request. What the VF
/// had before the first request is read once; both steps use that.
pub(crate) fn set_config(
    target: Target<'_>,
    mac: Option<&Mac>,
    vlan: Option<c_int>,
    allow_retry: &mut Option<bool>,
) -> Outcome {
    let passed = nested::enter(target);
    if let Err(error) = checked_id(vlan) {
        *allow_retry = Some(false);
        let failure = error.into();
        report::failure(&vlan_report(target, vlan, &failure, None), passed.is_some());
        return Err(failure.code());
    }
    // Without allowRetry the MAC's step fails, and nothing is sent.
    let before = match (mac, *allow_retry) {
        (Some(_), None) => Err(Error::Null("allowRetry")),
        _ => read_pf(FUNCTION, target).map_err(|failure| failure.error),
    };
    let config = Config { target, mac, vlan, before };
    if let Some(mac) = mac {
        let set = || interpose::set_vf_mac(target, mac, allow_retry);
        if let Err(failed) = nested::call(target, Some(before), set) {
            // A refused zero MAC is not reported: the caller tries another MAC.
            if failed.is_ours && *allow_retry != Some(true) {
                config.mac_failed(&failed.failure);
            }
            return Err(failed.failure.code());
        }
    }
    let Err(failed) = nested::call(target, Some(before), || interpose::set_vf_vlan(target, vlan)) else {
        return Ok(());
    };
    // If a retry is allowed, the caller takes a failure for a refused zero MAC, and replaces the MAC that was just set
    // by another one. That does not help a refused VLAN.
    *allow_retry = Some(false);
    config.vlan_failed(&failed);
    Err(failed.failure.code())
}

/// A configuration, and the PF and the VF before its first request.
struct Config<'a> {
    target: Target<'a>,
    mac: Option<&'a Mac>,
    vlan: Option<c_int>,
    before: Result<PfState, Error>,
}

impl Config<'_> {
    /// Reports a refused MAC. The MAC of the VF may have changed nevertheless: nfp, octeon_ep, liquidio and bnxt store
    /// a MAC before the device refuses it (contract C8).
    #[cold]
    #[inline(never)]
    fn mac_failed(&self, failure: &Failure) {
        let is_refused = matches!(failure.error, Error::Refused(_) | Error::InReset(_));
        let now = if is_refused { self.restore_if_other() } else { None };
        report::failure(&Report { mac: now, ..mac_report(self.target, self.mac, failure) }, false);
    }

    /// Reports a refused VLAN. If the guest does not start, the VF gets its former MAC again (contract C5). If it is
    /// not known whether the VLAN was set, the MAC stays: to restore only one of the two would be worse (contract C6).
    #[cold]
    #[inline(never)]
    fn vlan_failed(&self, Failed { failure, is_ours }: &Failed) {
        let now = match self.mac {
            Some(mac) if failure.error.nothing_was_done() && self.is_start() => match self.had() {
                Some(had) if had.mac != *mac => Some(self.restore(&had.mac)),
                Some(_) => None,
                // If the MAC cannot be read, it is the one that the kernel accepted.
                None => match self.restore_if_other() {
                    Some(MacNow::Unknown) | None => Some(MacNow::Is(*mac)),
                    now => now,
                },
            },
            _ => None,
        };
        // If the program replaces our function by its own, its function decides whether it reports.
        if *is_ours || now.is_some() {
            let (mac_accepted, before) = (self.mac.is_some(), Some(self.before));
            let report = vlan_report(self.target, self.vlan, failure, before);
            report::failure(&Report { mac: now, mac_accepted, ..report }, false);
        }
    }

    fn had(&self) -> Option<Vf> {
        self.before.ok()?.vf.ok()
    }

    /// Whether libvirt calls this at the start of a guest. It then names no VLAN, or a VLAN that is not 0 and that the
    /// VF did not have. At the end of a guest it always names a VLAN: 0, or the one that the VF has.
    ///
    /// One case looks like a start but is an end: the VF had another VLAN before the guest than during it. If that VLAN
    /// is refused when libvirt restores it, the guest's MAC is set again and stays on the VF.
    fn is_start(&self) -> bool {
        let has = |id| self.had().is_some_and(|had| c_int::from(had.vlan.id) == id);
        self.vlan.is_none_or(|id| id != 0 && !has(id))
    }

    /// Reads the VF once more, and sets the former MAC again if the VF has another one (contract C8).
    #[inline(never)]
    fn restore_if_other(&self) -> Option<MacNow> {
        let now = match read_pf(FUNCTION, self.target).map(|pf| pf.vf) {
            Ok(Ok(now)) => now,
            Ok(Err(Error::NoVfList)) => return None,
            _ => return Some(MacNow::Unknown),
        };
        match self.had() {
            Some(had) if had.mac == now.mac => None,
            Some(had) => Some(self.restore(&had.mac)),
            None => Some(MacNow::Is(now.mac)),
        }
    }

    /// Sets the former MAC again. Several drivers refuse a former MAC of zero (bnx2x, hinic, qede and others). The VF
    /// then gets the fallback MAC, as libvirt does it.
    #[inline(never)]
    fn restore(&self, former: &Mac) -> MacNow {
        let set = |mac| request_mac(self.target, mac);
        let Err(mut failure) = set(former) else {
            return MacNow::Restored(*former);
        };
        if *former == ZERO && failure.error.refused_for_good().is_some() {
            match set(&FALLBACK) {
                Ok(()) => return MacNow::Fallback,
                Err(of_fallback) => failure = of_fallback,
            }
        }
        if failure.error.nothing_was_done() {
            MacNow::NotRestored(*former, failure.error.errno())
        } else {
            MacNow::Uncertain(*former)
        }
    }
}

/// Reads the MAC and the VLAN of a VF from the PF's driver, and waits while the VF is in reset (contract G1 to G5).
pub(crate) fn get_config(target: Target<'_>) -> Result<Vf, c_int> {
    const FUNCTION: &CStr = c"virNetDevGetVfConfig";
    let passed = nested::enter(target);
    let mut result = Err(Error::NoVfList.into());
    until_ready(&mut |watch| {
        let read = read_pf(FUNCTION, target);
        let again = matches!(read, Ok(PfState { up: true, vf: Err(Error::VfNotListed) }) if !watch.is_slow());
        result = read.and_then(|pf| pf.vf.map_err(Failure::from));
        again
    });
    result.map_err(|failure| {
        report::failure(&Report::new(FUNCTION, Action::GetConfig, target, &failure), passed.is_some());
        failure.code()
    })
}
