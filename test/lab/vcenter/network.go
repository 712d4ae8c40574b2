package main

import (
	"strings"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// generatedMacPrefix marks the hardware addresses that govmomi makes from the path of a virtual
// machine: only 4096 different ones.
const generatedMacPrefix = "00:0c:29:"

func networkCards(devices []types.BaseVirtualDevice) []*types.VirtualEthernetCard {
	var cards []*types.VirtualEthernetCard
	for _, device := range object.VirtualDeviceList(devices).SelectByType((*types.VirtualEthernetCard)(nil)) {
		cards = append(cards, device.(types.BaseVirtualEthernetCard).GetVirtualEthernetCard())
	}
	return cards
}

func cardsOf(vm *simulator.VirtualMachine) []*types.VirtualEthernetCard {
	return networkCards(vm.Config.Hardware.Device)
}

func macsByKey(vm *simulator.VirtualMachine) map[int32]string {
	macs := map[int32]string{}
	for _, card := range cardsOf(vm) {
		macs[card.Key] = card.MacAddress
	}
	return macs
}

// assignMacs gives new cards an address of their own and edited ones the address they had.
func assignMacs(vm *simulator.VirtualMachine, before map[int32]string) {
	for _, card := range cardsOf(vm) {
		if card.MacAddress != "" && !strings.HasPrefix(strings.ToLower(card.MacAddress), generatedMacPrefix) {
			continue
		}
		if mac := before[card.Key]; mac != "" {
			card.MacAddress = mac
		} else {
			card.MacAddress = nextMac()
		}
		card.AddressType = string(types.VirtualEthernetCardMacTypeAssigned)
	}
}

// connectCards happens at power on.
func connectCards(vm *simulator.VirtualMachine) {
	for _, card := range cardsOf(vm) {
		if card.Connectable == nil {
			card.Connectable = &types.VirtualDeviceConnectInfo{StartConnected: true}
		}
		card.Connectable.Connected = card.Connectable.StartConnected
	}
}

func networkName(card *types.VirtualEthernetCard) string {
	switch backing := card.Backing.(type) {
	case *types.VirtualEthernetCardNetworkBackingInfo:
		return backing.DeviceName
	case *types.VirtualEthernetCardDistributedVirtualPortBackingInfo:
		ref := types.ManagedObjectReference{
			Type: "DistributedVirtualPortgroup", Value: backing.Port.PortgroupKey,
		}
		if group, ok := simulator.Map.Get(ref).(*simulator.DistributedVirtualPortgroup); ok {
			return group.Name
		}
	}
	return ""
}

// checkBacking refuses networks that do not exist, on which govmomi panics.
func checkBacking(card *types.VirtualEthernetCard, datacenter *mo.Datacenter) types.BaseMethodFault {
	switch backing := card.Backing.(type) {
	case *types.VirtualEthernetCardNetworkBackingInfo:
		if datacenter != nil && simulator.Map.FindByName(backing.DeviceName, datacenter.Network) == nil {
			return &types.InvalidDeviceBacking{}
		}
	case *types.VirtualEthernetCardDistributedVirtualPortBackingInfo:
		if networkName(card) == "" {
			return &types.InvalidDeviceBacking{}
		}
	}
	return nil
}

// datacenterOf returns the datacenter that an object of the inventory belongs to.
func datacenterOf(ref *types.ManagedObjectReference) *mo.Datacenter {
	for ref != nil {
		object := simulator.Map.Get(*ref)
		if datacenter, ok := object.(*simulator.Datacenter); ok {
			return &datacenter.Datacenter
		}
		entity, ok := object.(mo.Entity)
		if !ok {
			return nil
		}
		ref = entity.Entity().Parent
	}
	return nil
}

// showNetwork sets what VMware Tools report about the network. The world is held by the caller.
func showNetwork(vm *simulator.VirtualMachine, m *machine) {
	if !m.toolsRunning {
		update(vm, "guest.net", []types.GuestNicInfo{}, "guest.ipStack", []types.GuestStackInfo{},
			"guest.ipAddress", "", "guest.hostName", "",
			"summary.guest.ipAddress", "", "summary.guest.hostName", "")
		return
	}
	var reported []types.GuestNicInfo
	for i, card := range cardsOf(vm) {
		info := types.GuestNicInfo{
			Network:        networkName(card),
			MacAddress:     card.MacAddress,
			Connected:      card.Connectable == nil || card.Connectable.Connected,
			DeviceConfigId: card.Key,
		}
		if address, prefix := m.addressOf(i, card.MacAddress); address != "" {
			info.IpAddress = []string{address}
			info.IpConfig = &types.NetIpConfigInfo{IpAddress: []types.NetIpConfigInfoIpAddress{{
				IpAddress: address, PrefixLength: prefix, State: "preferred", Origin: "manual",
			}}}
		}
		reported = append(reported, info)
	}
	address, host := m.mainAddress(), m.hostName()
	update(vm, "guest.net", reported, "guest.ipStack", m.stack(),
		"guest.ipAddress", address, "guest.hostName", host,
		"summary.guest.ipAddress", address, "summary.guest.hostName", host)
}

// stack is the guest's DNS and default route.
func (m *machine) stack() []types.GuestStackInfo {
	if m.identity == nil {
		return []types.GuestStackInfo{}
	}
	stack := types.GuestStackInfo{
		DnsConfig: &types.NetDnsConfigInfo{
			HostName: m.identity.host, DomainName: m.identity.domain, IpAddress: m.identity.dns,
		},
		IpRouteConfig: &types.NetIpRouteConfigInfo{},
	}
	for _, gateway := range m.identity.gateways {
		stack.IpRouteConfig.IpRoute = append(stack.IpRouteConfig.IpRoute, types.NetIpRouteConfigInfoIpRoute{
			Network: "0.0.0.0", PrefixLength: 0,
			Gateway: types.NetIpRouteConfigInfoGateway{IpAddress: gateway, Device: "0"},
		})
	}
	return []types.GuestStackInfo{stack}
}
