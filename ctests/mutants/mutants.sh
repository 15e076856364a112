#!/usr/bin/env bash
# Can the tests fail? Each line of the table breaks one thing in a copy of the source, and names the test that
# must then be red; TAP.
#
#   ctests/mutants/mutants.sh           all of them
#   ctests/mutants/mutants.sh NAME...   only these
#   ctests/mutants/mutants.sh --build NAME DIRECTORY
#                            no test: the broken library (.so, .so.0, .a) in DIRECTORY, for other suites
. "$(dirname "${BASH_SOURCE[0]}")/../lib/lib.sh"
need gcc libc6-dev libcmocka-dev

# NAME | files | sed expression | the test, or a part of its name, that turns red. The expression is applied to
# each of the files. `-` for the test: none may turn red. `=`: not seen by the contract: by
# ctests/threads/threads.sh, ctests/forged/forged.sh, ctests/sequences/sequences.sh (the invariant's name starts so), or ctests/libvirt/mutants.sh.
#
# Interposable calls are tried with bodies as thin as they come: with the real ones, wrong ways of calling pass by luck.
table() {
    cat <<'TABLE'
thin bodies, interposable | capi/mod.rs | /fn virNetDevS[a-zA-Z]*(/,/^}/s/-> c_int {/-> c_int { return -5;/; /fn virNetDevSetVfConfig/,/^}/s/return -5;// | - of MAC, VLAN
a thin sender, interposable | capi/mod.rs | /fn virNetDevSendVfSetLinkRequest/,/^}/s/-> c_int {/-> c_int { return -5;/ | - of SEND
a thin sender, called directly | capi/interpose.rs capi/mod.rs | s/read_volatile(&raw const SEND)/super::virNetDevSendVfSetLinkRequest/; /fn virNetDevSendVfSetLinkRequest/,/^}/s/-> c_int {/-> c_int { return -5;/ | calls whoever defines SEND
a thin SetVfMac, called directly | capi/interpose.rs capi/mod.rs | s/read_volatile(&raw const SET_MAC)/super::virNetDevSetVfMac/; /fn virNetDevSetVfMac/,/^}/s/-> c_int {/-> c_int { return -5;/ | calls whoever defines MAC
a thin SetVfVlan, called directly | capi/interpose.rs capi/mod.rs | s/read_volatile(&raw const SET_VLAN)/super::virNetDevSetVfVlan/; /fn virNetDevSetVfVlan/,/^}/s/-> c_int {/-> c_int { return -5;/ | calls whoever defines VLAN
no sender check | rtnl/sys.rs | s/&& sender.nl_pid == 0// | S4_an_answer_from_another_process
no sequence check | rtnl/exchange.rs | s/from_kernel && !Message::is_unsolicited(buffer.bytes(), self.sequence)/from_kernel/ | S4_an_answer_to_another_request
a local EPERM stays EPERM | error.rs | s/errno == libc::EPERM/errno == 0/ | V2_implicit_clear_refused_a_socket
no connect to the kernel | rtnl/exchange.rs | s/^.*socket.connect_to_kernel.*$// | S2_an_ack_is_a_success
no read-back | vf/vlan.rs | s/let Ok(Vf { vlan, .. }) = get_vf_info(FUNCTION, ifname, vf) else/let Ok::<Vf, Failure>(Vf { vlan, .. }) = Err(Error::NoVfList.into()) else/ | V4_explicit_clear_of_nothing_is_a_success
the read-back is a success whatever it says | vf/vlan.rs | s/Vlan { id: now, qos: 0 } if now == id => None/_ => None/ | V4_explicit_clear_of_a_vlan
a priority is nothing | vf/vlan.rs | s/Vlan { id: now, qos: 0 }/Vlan { id: now, .. }/ | V4_a_priority_without_a_vlan_is_not_nothing
V5 left out | vf/vlan.rs | s/if now == id => None/if now == 0 \&\& id == 0 => None/ | V5_a_refused_vlan_that_is_there_is_a_success
no VLAN is any VLAN | vf/vlan.rs | s/if now == id => None/if now == 0 => None/ | V5_a_refused_vlan
switchdev is not explained | vf/vlan.rs | s/^ *Error::Refused(libc::EOPNOTSUPP) =>.*$// | V6_switchdev
a reset is not explained | vf/mod.rs | s/failure.is_in_reset().then_some(Advice::InReset)/None/ | M3_a_vf_that_stays_in_reset
a list ends where its length says | rtnl/vf_list.rs | s/let mut rest = bytes.get(HEADER..)?;/let mut rest = bytes.get(HEADER..usize::from(u16::from_ne_bytes(*bytes.first_chunk()?)))?;/ | L2_wrapped_often
a list's length does not matter | rtnl/vf_list.rs | s/(bytes.first_chunk() == Some(&len.to_ne_bytes()))/(len != 1)/ | L5_a_length_that_is_less_than_the_entries
a list ends with any attribute | rtnl/vf_list.rs | s/while kind_of(rest) == Some(IFLA_VF_INFO)/while !rest.is_empty()/ | L1_300_vfs
entries in any order | rtnl/vf_list.rs | s/last >= number/last == number/ | L5_entries_out_of_order
two entries of one VF | rtnl/vf_list.rs | s/last >= number/last > number/ | L5_two_entries_of_one_vf
more VFs than there are | rtnl/vf_list.rs | s/is_none_or(.last. last < \*num_vf)/is_none_or(\x7clast\x7c last <= *num_vf)/ | L5_more_than_said
as many entries as VFs | rtnl/vf_list.rs | s/is_none_or(.last. last < \*num_vf)/is_none_or(\x7clast\x7c last + 1 == *num_vf)/ | L3_below_the_cap
an entry without a MAC | rtnl/vf_list.rs | s/(mac?.get(..SIZEOF_VF_MAC)?, vlan?)/(mac.or(vlan)?, vlan?)/ | L5_an_entry_without_a_mac
an entry with a short MAC | rtnl/vf_list.rs | s/SIZEOF_VF_MAC: usize = 36/SIZEOF_VF_MAC: usize = 10/ | L5_an_entry_with_a_short_mac
an entry with another's MAC | rtnl/vf_list.rs | s/(u32_of(mac)? == number)/(u32_of(mac)? < u32::MAX)/ | L5_an_entry_with_anothers_mac
what is there twice | rtnl/vf_list.rs | 0,/if twice {/s//if twice \&\& rest.is_empty() {/ | L5_two_lists
an attribute of an entry is there twice | rtnl/vf_list.rs | s/IFLA_VF_VLAN => vlan.replace(payload).is_some(),/IFLA_VF_VLAN => vlan.replace(payload).is_none() \&\& false,/ | L5_an_entry_with_two_vlans
what follows a list does not matter | rtnl/vf_list.rs | s/let ((kind, payload), trailing) = split(rest)?;/let Some(((kind, payload), trailing)) = split(rest) else { break };/ | L5_what_follows_is_broken
the first VF is taken | rtnl/vf_list.rs | s/if number == vf {/if number == 0 {/ | V4_explicit_clear_of_a_vlan
a number too high is not listed | rtnl/vf_list.rs | s/vf >= num_vf)/vf > u32::MAX - num_vf)/ | G2_a_number_too_high
no list is no VF | rtnl/vf_list.rs | s/ok_or(Error::NoVfList)/ok_or(Error::VfNotListed)/ | G3_no_list
a VF's MAC is not read | capi/mod.rs | s/mac.write(virMacAddr { addr: info.mac })/mac.write(virMacAddr { addr: [0; 6] })/ | G1_a_vf_is_read
NULL is written to | capi/mod.rs | s/if !vlanid.is_null() {/if true {/ | G1_nothing_is_wanted
a failed read is not reported | vf/config.rs | s/report::failure(&Report { function: FUNCTION, action, .*;/let _ = (action, failure.code());/ | G2_a_vf_that_is_left_out
C3 left out | vf/config.rs | /The caller takes/,/^    })/s/\*allow_retry = false;/let _ = allow_retry;/ | C3_a_refused_vlan_after_the_mac_is_no_reason_to_retry
C5 left out | vf/config.rs | s/before.filter(._. failure.error.nothing_was_done())/before.filter(\x7c_\x7c false)/ | C3_a_refused_vlan_after_the_mac_is_no_reason_to_retry
C5 without a VLAN left out | vf/config.rs | s/if vlan == Some(0) {/if vlan.unwrap_or(0) == 0 {/ | C5_without_a_vlan_on_a_vf_that_stays_in_reset
C6 left out | vf/config.rs | s/before.filter(._. failure.error.nothing_was_done())/before/ | C6_without_an_answer_the_mac_stays
C7 left out | vf/config.rs | s/if let Err(error) = checked_id(vlan) {/if let (Err(error), true) = (checked_id(vlan), mac.is_none()) {/ | C7_a_vlan_out_of_range
C7 leaves a retry | vf/config.rs | /if let Err(error)/,/^    }/s/\*allow_retry = false;/let _ = allow_retry;/ | C7_a_vlan_out_of_range
a MAC that was put back is not in the message | vf/config.rs | s/\[state, put_back\]/[state, put_back.and(None)]/ | C5_the_former_mac_is_put_back_and_the_message_says_so
a MAC that was not put back is called put back | vf/config.rs | s/Err(failure) => Advice::MacNotPutBack(before, failure.error.errno())/Err(_) => Advice::MacPutBack(before)/ | C5_a_mac_that_cannot_be_put_back
the MAC is put back over the one that was restored | vf/config.rs | s/ && !is_there)/ \&\& (!is_there \x7c\x7c is_there))/ | C5_not_where_the_vlan_is_there_already
the same MAC is put back | vf/config.rs | s/(now.mac != \*mac && !is_there)/(!is_there)/ | C5_not_where_it_is_the_same
the MAC is put back after a clear | vf/config.rs | s/if vlan == Some(0)/if vlan == Some(-1)/ | C5_not_after_an_explicit_clear
a message of any length | report/message.rs | s/^const LONGEST: usize = 300/const LONGEST: usize = 600/ | C3_the_kernels_words_are_cut_where_the_message_is_too_long
the name is cut before the kernel's words | report/message.rs | s/self.with_room(room, room.saturating_sub(self.name().len()))/self.with_room(0, room)/ | C3_then_the_name_is_cut
libvirt adds the errno's text a second time | report/mod.rs | s/^    libvirt::system_error.*$//; s/^    thread::set_last.*$/    libvirt::system_error(report.function, errno, \&text);\n&/ | V5_a_refused_vlan
the reason is not told | report/mod.rs | s/libvirt::system_error(.*;/let _ = libvirt::system_error;/; s/thread::set_last_message(.*;/let _ = thread::set_last_message;/ | V5_a_refused_vlan
a VLAN that is asked for is cleared | vf/vlan.rs | s/payload(vf, id))/payload(vf, 0))/ | S1_a_vlan_is_a_struct_ifla_vf_vlan
no debug line | vf/request.rs | s/report::debug(self.*;/let _: (_, i32) = (vf, code);/ | = libvirt
C2 left out | vf/config.rs | s/allow_retry.as_deref_mut())?;/allow_retry.as_deref_mut()).ok();/ | C2_a_refused_mac_ends_it
an implicit clear tolerates nothing | vf/vlan.rs | s/if vlan.is_none() {/if vlan == Some(4096) {/ | V2_implicit_clear_tolerates_eperm
no ACK asked for | rtnl/request.rs | s/NLM_F_REQUEST . libc::NLM_F_ACK/NLM_F_REQUEST/ | S1_a_mac_is_a_struct_ifla_vf_mac
an implicit clear sets VLAN 1 | vf/vlan.rs | s/Some(vlan.unwrap_or(0))/Some(vlan.unwrap_or(1))/ | S1_a_vlan_is_a_struct_ifla_vf_vlan
a VLAN that is refused is called a success | vf/vlan.rs | s/if vlan.is_none() {/if vlan != Some(0) {/ | V5_a_refused_vlan
a second failure is not recorded | report/thread.rs | s/let nested = !matches!(thread.state.get(), State::Idle);/let nested = matches!(thread.state.get(), State::Armed);/ | C6_a_second_try_that_is_lost_is_not_known
another function's time-out is a refusal | error.rs | s/libc::ETIMEDOUT => Error::NoAnswer/libc::ETIMEDOUT => Error::Refused(errno)/ | C6_a_time_out_of_another_function_is_not_known
a put-back after another function is silent | vf/config.rs | s/recorded.is_some() .. put_back.is_some()/recorded.is_some()/ | C5_a_refusal_of_another_function_puts_back_and_says_so
what ours recorded is reported whatever is returned | vf/mod.rs | s/failure.code() == code/failure.code() <= 0/ | C5_what_is_returned_is_reported
without a MAC a retry stays allowed | capi/mod.rs | s/\*allow_retry = allow_retry.and(Some(false));/let _ = \&allow_retry;/ | M1_no_mac
a bool is 0 or 1 | capi/mod.rs | s/byte.cast::<u8>().read() } != 0/byte.cast::<u8>().read() } == 1/ | M2_any_byte_but_0_is_true
a payload that was refused is read | capi/mod.rs | s/let attribute = VfAttribute::new(kind, len)?;/core::hint::black_box(unsafe { start.cast::<u32>().read_unaligned() });\n&/ | wrong_use_has_an_errno
any VLAN | vf/vlan.rs | s/const VLAN_MAX: c_int = 4095/const VLAN_MAX: c_int = 65535/ | V3_vlan_4096
a negative VLAN | vf/vlan.rs | s/(0..=VLAN_MAX)/(-1..=VLAN_MAX)/ | V3_vlan_minus_1
a retry without leave | vf/mac.rs | s/ && \*allow_retry && / \&\& / | M2_not_without_allow_retry
a retry for any MAC | vf/mac.rs | s/ && \*mac == \[0; 6\]// | M3_a_refused_mac_is_told
our own EINVAL is the kernel's | rtnl/mod.rs | s/self.error == Error::Refused(errno)/self.error.errno() == errno/ | M2_not_for_an_einval_that_the_kernel_did_not_say
a failed MAC may be retried | vf/mac.rs | s/\*allow_retry = false;// | M3_a_refused_mac_is_told
a refusal is reported by the sender | capi/mod.rs | s/!report::record_failure(&failure, None) && !failure.error.is_refusal()/!report::record_failure(\&failure, None)/ | S3_the_kernels_errno_comes_back_silently
our own failure is silent | capi/mod.rs | s/!report::record_failure(&failure, None) && !failure.error.is_refusal()/!report::record_failure(\&failure, None) \&\& false/ | S4_no_socket
a long name in IFLA_IFNAME | rtnl/request.rs | s/name.len() <= IFNAMSIZ/name.len() <= ALTIFNAMSIZ/ | S6_a_long_name_is_an_alternative_one
a type with flag bits | rtnl/request.rs | s/let Ok(kind @ 1..=attribute::TYPE_MASK)/let Ok(kind @ 1..)/ | S7_a_type_with_a_flag_bit
a type that is cut | rtnl/request.rs | s/= u16::try_from(kind) else/= u16::try_from(kind \& 0xffff) else/ | S7_a_type_whose_low_half_would_fit
a payload that is too large | rtnl/request.rs | s/\*padded <= PAYLOAD_MAX/*padded <= usize::MAX/ | S7_a_payload_that_overflows_its_length
no payload with a length | capi/mod.rs | s/^        return Err(Error::Null(Argument::Payload));/        return Ok((VfAttribute::new(kind, 0)?, \&[]));/ | S7_no_payload_with_a_length
a positive error | rtnl/answer.rs | s/number.checked_neg()/number.checked_abs()/ | S8_a_positive_error
an error without its request | rtnl/answer.rs | s/self.payload.len() < ERROR + ECHOED_HEADER/self.payload.len() < ERROR/ | S8_an_error_without_the_request_it_answers
an answer that was cut | rtnl/exchange.rs | s/Queue::Take)? > ANSWER/Queue::Take)? > usize::MAX/ | S4_an_ack_that_was_cut
a signal ends the wait | rtnl/exchange.rs | s/Ok(()) . Err(libc::EINTR) => Ok(())/Ok(()) => Ok(())/ | S4_a_signal_ends_nothing
a short send | rtnl/exchange.rs | s/if sent != iovecs.len/if sent > iovecs.len/ | S4_a_short_send
a long answer is cut | rtnl/exchange.rs | s/exchange.receive_long(len)?/exchange.receive_long(ANSWER)?/ | V4_300_vfs_are_read_whole
an allocation that fails aborts | rtnl/exchange.rs | s/answer.try_reserve_exact(len).map_err.*;/answer.reserve_exact(len);/ | ends with status
a descriptor is leaked | rtnl/exchange.rs | s/^    Message::read(answer.bytes())?.acknowledged()$/    core::mem::forget(exchange); &/ | S2_an_ack_is_a_success
a failed receive is an empty answer | rtnl/exchange.rs | s/Err(errno) => return Err(Error::Receive(errno))/Err(_) => return Ok(0)/ | S4_
a request leaks 16 bytes | rtnl/exchange.rs | s/^        let socket = Socket::open()/        core::mem::forget(core::hint::black_box(vec![1u8; 16]));\n&/ | = threads
a socket that AppArmor denies | rtnl/sys.rs | s/libc::SOCK_RAW/libc::SOCK_DGRAM/ | S1_the_socket_is_raw
one socket for all calls | rtnl/sys.rs | s/let fd = unsafe { libc::socket(.*/static ONE: std::sync::OnceLock<c_int> = std::sync::OnceLock::new(); let fd = *ONE.get_or_init(\x7c\x7c unsafe { libc::socket(16, 3, 0) }); let fd = unsafe { libc::dup(fd) };/ | = threads
one last message for all threads | report/thread.rs | s/thread.message.set(\*message))/{ thread.message.set(*message); LAST.store(thread.message.as_ptr().cast(), core::sync::atomic::Ordering::SeqCst) })/; s/^    with(c"".as_ptr(), .*/    LAST.load(core::sync::atomic::Ordering::SeqCst)/; $ a static LAST: core::sync::atomic::AtomicPtr<c_char> = core::sync::atomic::AtomicPtr::new(core::ptr::null_mut()); | = threads
whatever another process sends is believed | rtnl/sys.rs rtnl/exchange.rs | s/&& sender.nl_pid == 0//; s/^.*socket.connect_to_kernel.*$//; s/from_kernel && !Message::is_unsolicited(buffer.bytes(), self.sequence)/from_kernel/ | = forged
an answer is read beyond what was received | rtnl/answer.rs | s/payload: datagram.get(HEADER..len)?/payload: datagram.get(HEADER..)?/ | = forged
a VF in reset is not asked again | vf/request.rs | s/is_in_reset() \&\& backoff.wait/is_in_reset() \&\& !backoff.wait/ | S9_in_reset_once
EBUSY is not asked again | rtnl/mod.rs | s/ .. self.is_refusal(libc::EBUSY)// | S9_busy_once
EAGAIN is not asked again | rtnl/mod.rs | s/self.is_refusal(libc::EAGAIN) .. // | S9_in_reset_once
an EAGAIN of our own is asked again | rtnl/mod.rs | s/self.error == Error::Refused(errno)/self.error.errno() == errno/ | S9_not_an_eagain_of_the_librarys
a VF in reset is asked for ever | rtnl/deadline.rs | s/const RESET_MS: i64 = 2000/const RESET_MS: i64 = 3900/ | S9_in_reset_for_ever
a VF in reset is given up early | rtnl/deadline.rs | s/const RESET_MS: i64 = 2000/const RESET_MS: i64 = 1000/ | S9_in_reset_until_the_last_request
the last request is not sent | rtnl/deadline.rs | s/now.saturating_add(self.pause).min(end)/now.saturating_add(self.pause)/; s/next > now && sleep_until(next)/next <= end \&\& sleep_until(next)/ | S9_in_reset_for_ever
pauses that grow for ever | rtnl/deadline.rs | s/.min(LONGEST_PAUSE_MS)// | S9_in_reset_for_a_second
no pauses | rtnl/deadline.rs | s/next > now && sleep_until(next)/next > now/ | S9_
a signal ends a pause | rtnl/deadline.rs | s/Ok(()) . Err(libc::EINTR)/Ok(())/ | S9_signals_neither_shorten_nor_lengthen_a_pause
a signal is a pause's end | rtnl/deadline.rs | s/if !matches!(sleep(left), Ok(()) . Err(libc::EINTR))/return matches!(sleep(left), Ok(()) \x7c Err(libc::EINTR));\n        #[allow(unreachable_code)]\n        if false/ | ends with status
a reset's end is a time-out | vf/request.rs | /fn send_again/,/^    }/s/^        Err(failure)$/        Err(crate::error::Error::NoAnswer.into())/ | S9_in_reset_for_ever
an EAGAIN is reported | capi/mod.rs | s/ && !failure.error.is_refusal()/ \&\& (!failure.error.is_refusal() \x7c\x7c failure.is_in_reset())/ | S9_in_reset_for_ever
no deadline for the whole call | rtnl/deadline.rs | s/const CALL_MS: i64 = 4000/const CALL_MS: i64 = 40000/ | S9_a_late_answer_a_long_reset_and_a_lost_answer_in_four_seconds
a deadline for each request of a call | rtnl/deadline.rs | s/call.set(Call::Started);/let _ = Call::Started;/ | X_four_seconds_for_all_of_it
a call's deadline is the next one's | rtnl/deadline.rs | s/CALL.try_with(.call. call.set(Call::None))/CALL.try_with(\x7ccall\x7c call.get())/ | V4_a_read_back_after_a_reset
any failure of an implicit clear is a success | vf/vlan.rs | s/if !failure.is_refusal(libc::EPERM) {/if !failure.is_refusal(libc::EPERM) \&\& vlan.is_some() {/ | = sequences: 0 is returned
a MAC is put back only after a refusal | vf/config.rs | s/failure.error.nothing_was_done()/failure.error.is_refusal()/ | = sequences: after an error
a MAC is put back after a lost answer | error.rs | s/Error::Refused(_) . Error::Socket(_)/Error::NoAnswer \x7c &/ | = sequences: the MAC stays
zeros are put back | vf/config.rs | s/request_mac(ifname, vf, &before)/request_mac(ifname, vf, \&[0; 6])/ | = sequences: no VF has
a malformed answer is a time-out | error.rs | s/Error::BadAnswer(_) => libc::EBADMSG/Error::BadAnswer(_) => libc::ETIMEDOUT/ | = sequences: an errno
any failure of a zero MAC may be retried | vf/mac.rs | s/failure.is_refusal(libc::EINVAL) && \*allow_retry/*allow_retry/ | = sequences: a retry
a configuration's requests have no common deadline | vf/config.rs | s/let _call = CallScope::begin();/drop(CallScope::begin());/ | = sequences: a call ends
a failure is silent where the MAC was put back | vf/config.rs | s/^ *report_vlan(.*put_back.);/if put_back.is_none() { & }/ | = sequences: what is reported
a VLAN without a MAC may be retried | vf/config.rs | /The caller takes/,/^    })/s/\*allow_retry = false;/*allow_retry = mac.is_none();/ | = sequences: 02:00:00:00:00:00
a zero MAC is not put back | vf/config.rs | s/(now.mac != \*mac && /(now.mac != [0; 6] \&\& now.mac != *mac \&\& / | = sequences: a failed start
a restored VLAN that is refused is a start's | vf/config.rs | s/let is_there = .*;/let is_there = false;/ | = sequences: a stop
no extended ACK | rtnl/exchange.rs | s/^.*ask_for_extended_ack.*$// | S2_an_ack_is_a_success
TABLE
}

work=$target/mutants
mkdir -p "$work"
# Two at once would break the same copy.
exec 9>"$work/lock"
flock 9

# break_and_build FILES EDIT LTO DIRECTORY: the library from a copy of the source with the edit, in DIRECTORY.
break_and_build() {
    local file
    rm -rf "${work:?}/tree"
    mkdir -p "$work/tree" "$4"
    cp -r "$top"/{Cargo.toml,Cargo.lock,build.rs,src,include} "$work/tree"
    for file in $1; do
        sed -i "$2" "$work/tree/src/$file"
        ! cmp -s "$top/src/$file" "$work/tree/src/$file" ||
            { printf 'the edit changes nothing in src/%s: the table is out of date\n' "$file"; return 1; }
    done
    RUSTFLAGS='--cap-lints=allow' CARGO_PROFILE_RELEASE_LTO=$3 cargo build -q --release --locked \
        --manifest-path "$work/tree/Cargo.toml" --target-dir "$work/target" 2>&1 || return 1
    cp "$work/target/release/libvirnetdevvf.so" "$4/libvirnetdevvf.so.0"
    ln -sf libvirnetdevvf.so.0 "$4/libvirnetdevvf.so"
    cp "$work/target/release/libvirnetdevvf.a" "$4"
}

build_only=
if [ "${1-}" = --build ]; then
    build_only=$3
    set -- "$2"
fi
for name in "$@"; do
    [[ $(table) == *"$name |"* ]] || die "no mutant is called '$name'"
done
table | while IFS='|' read -r name files edit red; do
    name=${name% } edit=${edit# } red=${red# }
    edit=${edit% }
    [ $# = 0 ] || [[ " $* " == *" $name "* ]] || continue
    [ -n "$build_only" ] || [ "$red" != "= libvirt" ] || continue
    if [ -n "$build_only" ]; then
        [ "$name" = "$1" ] || continue
        break_and_build "$files" "$edit" off "$build_only" || die "$name"
        continue
    fi
    # Interposing is a matter of the release build; for the rest a build in a third of the time will do.
    part=--rows lto=off
    [[ $name != *"thin "* ]] || part=--interposition lto=thin
    if ! log=$(break_and_build "$files" "$edit" $lto "$work/lib"); then
        not_ok "mutant: $name" "it cannot be built: $log"
        continue
    fi
    if [[ $red = "= "* ]]; then
        # `SUITE`, or `SUITE: how the result that turns red starts`.
        red=${red#= }
        suite=(threads "$work/lib/libvirnetdevvf.so.0")
        [ "${red%%:*}" = threads ] || suite=("${red%%:*}" --library "$work/lib")
        found=$("$top/ctests/${suite[0]}" "${suite[@]:1}" 2>&1 | grep '^not ok' || true)
        title="mutant: $name turns ctests/$red red"
        if [ -n "$found" ] && [[ $red != *:* || $found == *"not ok - $red"* ]]; then
            ok "$title ($(wc -l <<<"$found"))"
        else
            not_ok "$title" "red are: ${found:-none}"
        fi
        continue
    fi
    results=$("$top/ctests/contract/contract.sh" $part "$work/lib" 2>&1 || true)
    found=$(grep '^not ok' <<<"$results" || true)
    if [[ $red = "- of"* ]]; then
        # Only the callees named: the callers' own bodies are as thin, and call nobody.
        bad=no
        for callee in ${red#- of}; do ! grep -q "defines ${callee%,}" <<<"$found" || bad=yes; done
        if [ $bad = no ] && grep -q '^ok' <<<"$results"; then ok "mutant: $name keeps green"; else not_ok "mutant: $name keeps green" "$found"; fi
    elif grep -qF "$red" <<<"$found"; then
        ok "mutant: $name turns $red red"
    else
        not_ok "mutant: $name turns $red red" "red are: ${found:-none}"
    fi
done
