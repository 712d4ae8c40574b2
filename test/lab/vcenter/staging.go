package main

import (
	"fmt"
	"strings"

	"github.com/vmware/govmomi/simulator"
)

const stagingSuffix = "-staging"

// inheritAddress gives the clone of a staging template the address that is baked into that.
func (l *lab) inheritAddress(vm *simulator.VirtualMachine, templateName string) {
	if !strings.HasSuffix(templateName, stagingSuffix) || l.options.stagingAddress == "" {
		return
	}
	l.machineOf(vm).identity = &identity{
		host:     templateName,
		gateways: []string{stagingGateway},
		cards:    []cardAddress{{address: l.options.stagingAddress, prefix: stagingPrefix}},
		staged:   true,
	}
}

const (
	stagingGateway = "127.77.0.1"
	stagingPrefix  = 24
)

// networkOf names what manages the network of a guest: netplan, nmcli or ifupdown.
func networkOf(vm *simulator.VirtualMachine, id *identity) string {
	switch {
	case isRedHat(vm.Config.GuestId):
		return "nmcli"
	case id.staged && strings.HasPrefix(vm.Config.GuestId, "debian"):
		return "ifupdown"
	}
	return "netplan"
}

// readdressed follows a guest that has given itself another address: "ADDRESS PREFIX GATEWAY".
func (l *lab) readdressed(m *machine, generation int, said string) {
	var address, gateway string
	var prefix int32
	if n, _ := fmt.Sscan(said, &address, &prefix, &gateway); n < 2 {
		return
	}
	l.world.Lock()
	defer l.world.Unlock()
	if m.generation != generation || m.identity == nil || len(m.identity.cards) == 0 {
		return
	}
	m.identity.cards[0].address, m.identity.cards[0].prefix = address, prefix
	m.identity.gateways = strings.Fields(gateway)
	l.announce(m, generation)
}
