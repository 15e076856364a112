// SPDX-License-Identifier: LGPL-2.1-or-later
// A contestant of ctests/bench/bench.sh: the package vishvananda/netlink, as a Go program uses it. prepare() and perform() of
// ctests/bench/bench.h.
package main

import "C"
import (
	"net"
	"syscall"

	"github.com/vishvananda/netlink"
)

var link netlink.Link
var mac = net.HardwareAddr{0x52, 0x54, 0x00, 0x12, 0x34, 0x56}

// It wants a link that was looked up; that is done once.
//
//export prepare
func prepare(name *C.char, count C.int, arguments **C.char) {
	found, err := netlink.LinkByName(C.GoString(name))
	if err != nil {
		panic(err)
	}
	link = found
}

func code(err error) C.int {
	if number, ok := err.(syscall.Errno); ok {
		return -C.int(number)
	}
	if err != nil {
		return -5
	}
	return 0
}

// The operations by their numbers in bench.h.
//
//export perform
func perform(operation C.int) C.int {
	if operation == 0 || operation == 1 || operation == 3 || operation == 4 {
		if err := netlink.LinkSetVfHardwareAddr(link, 0, mac); err != nil {
			return code(err)
		}
	}
	switch operation {
	case 2, 3:
		return code(netlink.LinkSetVfVlan(link, 0, 42))
	case 4, 5:
		return code(netlink.LinkSetVfVlan(link, 0, 0))
	}
	return 0
}

func main() {}
