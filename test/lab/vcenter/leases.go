package main

import (
	"encoding/binary"
	"fmt"
	"net"
	"sync/atomic"
)

// leases is a DHCP server: it gives each address of its network once.
type leases struct {
	network *net.IPNet // nil: addresses are made up, and nothing answers there
	given   uint32
}

func newLeases(cidr string) (*leases, error) {
	if cidr == "" {
		return &leases{}, nil
	}
	_, network, err := net.ParseCIDR(cidr)
	if err != nil || !guestNetwork.Contains(network.IP) {
		return nil, fmt.Errorf("-dhcp %s is not a network in %s", cidr, guestNetwork.String())
	}
	return &leases{network: network}, nil
}

// next returns an address and the length of its network's prefix. Those of a network that is used up begin anew.
func (l *leases) next() (string, int32) {
	if l.network == nil {
		return nextAddress(), 24
	}
	ones, bits := l.network.Mask.Size()
	size := uint32(1) << (bits - ones)
	n := binary.BigEndian.Uint32(l.network.IP.To4()) + 1 + (atomic.AddUint32(&l.given, 1)-1)%(size-2)
	address := make(net.IP, 4)
	binary.BigEndian.PutUint32(address, n)
	return address.String(), int32(ones)
}
