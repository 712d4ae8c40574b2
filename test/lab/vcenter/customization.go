package main

import (
	"net"
	"strings"

	"github.com/google/uuid"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// identity is what a customization has made of a guest.
type identity struct {
	host, domain  string
	gateways, dns []string
	cards         []cardAddress
	keys          []string // that may log in, where cloud-init has set them
	staged        bool     // it is that of a template, with the template's own network settings
}

// cardAddress is the address of one network card: the one with this hardware address, or, without
// one, the one in the same place.
type cardAddress struct {
	mac, address string
	prefix       int32
}

// customize keeps a customization for the next power on.
func (l *lab) customize(vm *simulator.VirtualMachine, spec *types.CustomizationSpec) types.BaseMethodFault {
	if vm.Runtime.PowerState == types.VirtualMachinePowerStatePoweredOn {
		return &types.InvalidPowerState{
			RequestedState: types.VirtualMachinePowerStatePoweredOff,
			ExistingState:  vm.Runtime.PowerState,
		}
	}
	m := l.machineOf(vm)
	if m.pending != nil {
		return &types.CustomizationPending{}
	}
	if cards := len(cardsOf(vm)); cards != len(spec.NicSettingMap) {
		return &types.NicSettingMismatch{
			NumberOfNicsInSpec: int32(len(spec.NicSettingMap)), NumberOfNicsInVM: int32(cards),
		}
	}
	if _, sysprep := spec.Identity.(*types.CustomizationSysprep); sysprep != isWindows(vm.Config.GuestId) {
		return &types.UncustomizableGuest{UncustomizableGuestOS: vm.Config.GuestId}
	}
	m.pending = spec
	update(vm, "config.tools.pendingCustomization", uuid.New().String())
	return nil
}

// applyCustomization happens at power on; true: the guest has a new identity.
func (m *machine) applyCustomization(vm *simulator.VirtualMachine, from *leases) bool {
	spec := m.pending
	if spec == nil {
		return false
	}
	m.pending = nil
	update(vm, "config.tools.pendingCustomization", "")
	id := &identity{host: vm.Name, dns: spec.GlobalIPSettings.DnsServerList}
	switch prep := spec.Identity.(type) {
	case *types.CustomizationLinuxPrep:
		id.host, id.domain = generatedName(vm, prep.HostName), prep.Domain
	case *types.CustomizationSysprep:
		id.host = generatedName(vm, prep.UserData.ComputerName)
	}
	for _, setting := range spec.NicSettingMap {
		id.addCard(setting)
	}
	if first := id.first(); net.ParseIP(first.address) == nil {
		m.address, m.prefix = from.next()
	}
	m.identity = id
	return true
}

func (id *identity) addCard(setting types.CustomizationAdapterMapping) {
	card := cardAddress{mac: setting.MacAddress}
	if fixed, ok := setting.Adapter.Ip.(*types.CustomizationFixedIp); ok {
		card.address = fixed.IpAddress
		card.prefix = prefixOf(setting.Adapter.SubnetMask)
	}
	id.cards = append(id.cards, card)
	id.gateways = append(id.gateways, setting.Adapter.Gateway...)
	id.dns = append(append([]string{}, id.dns...), setting.Adapter.DnsServerList...)
	if id.domain == "" {
		id.domain = setting.Adapter.DnsDomain
	}
}

// first is the card whose address the guest answers on.
func (id *identity) first() cardAddress {
	for _, card := range id.cards {
		if card.address != "" {
			return card
		}
	}
	return cardAddress{}
}

func generatedName(vm *simulator.VirtualMachine, name types.BaseCustomizationName) string {
	switch typed := name.(type) {
	case *types.CustomizationFixedName:
		return typed.Name
	case *types.CustomizationPrefixName:
		return typed.Base + "-" + strings.ReplaceAll(vm.Config.Uuid, "-", "")[:6]
	}
	return vm.Name
}

func prefixOf(mask string) int32 {
	ip := net.ParseIP(mask).To4()
	if ip == nil {
		return 24
	}
	ones, _ := net.IPMask(ip).Size()
	return int32(ones)
}

// addressOf returns the address of the card in place i.
func (m *machine) addressOf(i int, mac string) (string, int32) {
	if m.identity != nil {
		for j, card := range m.identity.cards {
			if card.address != "" && ((card.mac == "" && i == j) || strings.EqualFold(card.mac, mac)) {
				return card.address, card.prefix
			}
		}
	}
	if i == 0 {
		return m.address, m.prefix
	}
	return "", 0
}

func (m *machine) mainAddress() string {
	if m.identity != nil {
		if first := m.identity.first(); first.address != "" {
			return first.address
		}
	}
	return m.address
}

// hostName is the name the guest has given itself, or the one of its customization.
func (m *machine) hostName() string {
	if m.reportedName != "" {
		return m.reportedName
	}
	if m.identity != nil {
		return m.identity.host
	}
	return ""
}
