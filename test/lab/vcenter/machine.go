package main

import (
	"fmt"
	"log"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// guestNetwork is where guests really answer: on loopback addresses, which need no configuration.
var guestNetwork = net.IPNet{IP: net.IPv4(127, 77, 0, 0).To4(), Mask: net.CIDRMask(16, 32)}

// machine is what the lab knows about a virtual machine beside govmomi. The world guards it.
type machine struct {
	ref          types.ManagedObjectReference
	pending      *types.CustomizationSpec // to be applied at the next power on
	identity     *identity                // what the last customization made of it
	address      string                   // its lease or a made-up address, for want of one from a customization
	prefix       int32                    // of that
	instance     string                   // cloud-init's id of it
	reportedName string                   // the host name that the guest has at the moment
	toolsRunning bool
	generation   int // counts power ons and offs: what was started for an older one is void
	guest        *guest
}

func (l *lab) machineOf(vm *simulator.VirtualMachine) *machine {
	m := l.machines[vm.Self.Value]
	if m == nil {
		m = &machine{ref: vm.Self}
		l.machines[vm.Self.Value] = m
	}
	return m
}

// changePower runs one of the power methods and lets the guest follow.
func (l *lab) changePower(vm *simulator.VirtualMachine, method string, request types.AnyType) (types.AnyType, types.BaseMethodFault) {
	if method == "PowerOnVM_Task" && vm.Config.Template {
		return nil, &types.InvalidState{}
	}
	result, fault := invoke(vm.Self, method, request)
	if fault != nil {
		return nil, fault
	}
	m := l.machineOf(vm)
	if method != "PowerOnVM_Task" {
		l.halt(vm, m)
	}
	if method == "PowerOnVM_Task" || method == "ResetVM_Task" {
		l.boot(vm, m)
	}
	return result, nil
}

// halt ends the guest at once, as pulling the plug does.
func (l *lab) halt(vm *simulator.VirtualMachine, m *machine) {
	m.generation++
	m.guest.kill()
	m.guest = nil
	m.toolsRunning = false
	showTools(vm, m)
}

func (l *lab) boot(vm *simulator.VirtualMachine, m *machine) {
	m.generation++
	connectCards(vm)
	customized := m.applyCustomization(vm, l.leases) || m.applyCloudInit(vm, l.leases)
	if m.mainAddress() == "" {
		m.address, m.prefix = nextAddress(), 24
	}
	address := net.ParseIP(m.mainAddress())
	if l.host == nil || m.identity == nil || !guestNetwork.Contains(address) || isWindows(vm.Config.GuestId) {
		go l.pretend(m, m.generation)
		return
	}
	go l.run(m, m.generation, l.guestSpec(vm, m, customized))
}

func (l *lab) guestSpec(vm *simulator.VirtualMachine, m *machine, customized bool) guestSpec {
	address, prefix := m.mainAddress(), m.prefix
	if first := m.identity.first(); first.address != "" {
		prefix = first.prefix
	}
	spec := guestSpec{
		id: vm.Config.Uuid, host: m.identity.host, domain: m.identity.domain,
		address: address, prefix: prefix,
		gateways: m.identity.gateways, dns: m.identity.dns,
		family: "debian", port: l.options.sshPort, customize: customized,
		network: networkOf(vm, m.identity), staged: m.identity.staged, keys: m.identity.keys,
	}
	if cards := cardsOf(vm); len(cards) > 0 {
		spec.mac = cards[0].MacAddress
	}
	if isRedHat(vm.Config.GuestId) {
		spec.family = "redhat"
	}
	return spec
}

// pretend is the life of a machine without a real guest.
func (l *lab) pretend(m *machine, generation int) {
	time.Sleep(l.options.addressAfter)
	l.world.Lock()
	defer l.world.Unlock()
	l.announce(m, generation)
}

// run is the life of a guest, over its reboots.
func (l *lab) run(m *machine, generation int, spec guestSpec) {
	for {
		started := time.Now()
		g := l.begin(m, generation, spec)
		if g == nil {
			return
		}
		spec.customize = false
		g.onReaddress(func(said string) { l.readdressed(m, generation, said) })
		select {
		case <-g.listening:
			time.Sleep(l.options.addressAfter - time.Since(started))
			l.world.Lock()
			if m.generation == generation && !g.hasEnded() {
				m.reportedName = l.host.hostNameOf(spec.id)
				l.announce(m, generation)
			}
			l.world.Unlock()
		case <-g.ended:
		}
		<-g.ended
		if !l.afterEnd(m, generation, g, spec) {
			return
		}
		spec = l.asLeft(m, spec)
		time.Sleep(l.options.rebootAfter)
	}
}

// asLeft is what a guest starts with again: the address that it has given itself meanwhile.
func (l *lab) asLeft(m *machine, spec guestSpec) guestSpec {
	l.world.RLock()
	defer l.world.RUnlock()
	if m.identity != nil {
		if first := m.identity.first(); first.address != "" {
			spec.address, spec.prefix, spec.gateways = first.address, first.prefix, m.identity.gateways
		}
	}
	return spec
}

// begin starts the guest, unless the machine was powered off in the meantime.
func (l *lab) begin(m *machine, generation int, spec guestSpec) *guest {
	l.world.Lock()
	defer l.world.Unlock()
	if m.generation != generation {
		return nil
	}
	g, err := l.host.start(spec)
	if err != nil {
		log.Printf("guest %s (%s) cannot be started: %v", spec.host, spec.address, err)
		return nil
	}
	m.guest = g
	return g
}

// afterEnd follows the end of a guest; true: it is to be started again.
func (l *lab) afterEnd(m *machine, generation int, g *guest, spec guestSpec) bool {
	l.world.Lock()
	defer l.world.Unlock()
	vm, ok := simulator.Map.Get(m.ref).(*simulator.VirtualMachine)
	if !ok || m.generation != generation {
		return false
	}
	m.toolsRunning = false
	showTools(vm, m)
	switch g.reason {
	case endReboot:
		return true
	case endPowerOff:
		if _, fault := l.changePower(vm, "PowerOffVM_Task", &types.PowerOffVM_Task{This: m.ref}); fault != nil {
			log.Printf("guest %s has powered itself off, its machine has not: %T", spec.host, fault)
		}
	default:
		log.Printf("guest %s (%s) ended by itself: see %s", spec.host, spec.address, l.host.console(spec.id))
	}
	return false
}

// announce lets VMware Tools report. The world is held by the caller.
func (l *lab) announce(m *machine, generation int) {
	vm, ok := simulator.Map.Get(m.ref).(*simulator.VirtualMachine)
	if !ok || m.generation != generation {
		return
	}
	m.toolsRunning = true
	showTools(vm, m)
}

func showTools(vm *simulator.VirtualMachine, m *machine) {
	running, state := types.VirtualMachineToolsRunningStatusGuestToolsNotRunning, types.VirtualMachineGuestStateNotRunning
	status := types.VirtualMachineToolsStatusToolsNotRunning
	if m.toolsRunning {
		running, state = types.VirtualMachineToolsRunningStatusGuestToolsRunning, types.VirtualMachineGuestStateRunning
		status = types.VirtualMachineToolsStatusToolsOk
	}
	showNetwork(vm, m)
	update(vm,
		"guest.toolsRunningStatus", string(running), "guest.toolsStatus", status,
		"guest.guestState", string(state), "guest.guestFamily", guestFamily(vm.Config.GuestId),
		"guest.guestId", vm.Config.GuestId, "guest.guestFullName", vm.Config.GuestFullName,
		"summary.guest.toolsRunningStatus", string(running), "summary.guest.toolsStatus", status)
}

// askGuest is ShutdownGuest and RebootGuest: answered at once, done by the guest in its own time.
func (l *lab) askGuest(w http.ResponseWriter, c *call) bool {
	vm, ok := simulator.Map.Get(c.this).(*simulator.VirtualMachine)
	if !ok {
		return false
	}
	m := l.machineOf(vm)
	if vm.Runtime.PowerState != types.VirtualMachinePowerStatePoweredOn {
		writeFault(w, "InvalidPowerState", fmt.Sprintf(
			"<requestedState>poweredOn</requestedState><existingState>%s</existingState>", vm.Runtime.PowerState))
		return true
	}
	if !m.toolsRunning {
		writeFault(w, "ToolsUnavailable", "")
		return true
	}
	reboot := c.method == "RebootGuest"
	if m.guest != nil {
		m.guest.ask(reboot)
	} else {
		go l.pretendToEnd(m, m.generation, reboot)
	}
	writeBody(w, fmt.Sprintf(`<%sResponse xmlns="urn:vim25"/>`, c.method))
	return true
}

func (l *lab) pretendToEnd(m *machine, generation int, reboot bool) {
	g := &guest{reason: endPowerOff}
	if reboot {
		g.reason = endReboot
	}
	if l.afterEnd(m, generation, g, guestSpec{}) {
		time.Sleep(l.options.rebootAfter)
		l.pretend(m, generation)
	}
}

func (l *lab) destroy(vm *simulator.VirtualMachine, request types.AnyType) (types.AnyType, types.BaseMethodFault) {
	ref, id := vm.Self, vm.Config.Uuid
	result, fault := invoke(ref, "Destroy_Task", request)
	if fault != nil {
		return nil, fault
	}
	if m := l.machines[ref.Value]; m != nil {
		m.generation++
		m.guest.kill()
		delete(l.machines, ref.Value)
	}
	if l.host != nil {
		l.host.remove(id)
	}
	return result, nil
}

// isWindows: there is no real guest for it.
func isWindows(guestID string) bool {
	return strings.HasPrefix(guestID, "win")
}

func guestFamily(guestID string) string {
	if isWindows(guestID) {
		return string(types.VirtualMachineGuestOsFamilyWindowsGuest)
	}
	return string(types.VirtualMachineGuestOsFamilyLinuxGuest)
}
