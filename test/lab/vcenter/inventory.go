package main

import (
	"fmt"
	"math/rand"
	"sync/atomic"
	"time"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// template is a virtual machine to clone from. govmomi 0.24 does not know these guest ids, so they
// are set past its check.
type template struct{ name, guestID, guestName string }

// stagingTemplates boot on the address that -staging-address says, set up as each family does it.
var stagingTemplates = []template{
	{"debian-12-staging", "debian12_64Guest", "Debian GNU/Linux 12 (64-bit)"},
	{"ubuntu-24-staging", "ubuntu64Guest", "Ubuntu Linux (64-bit)"},
	{"rocky-9-staging", "rockylinux_64Guest", "Rocky Linux (64-bit)"},
}

var templates = []template{
	{"debian-12", "debian12_64Guest", "Debian GNU/Linux 12 (64-bit)"},
	{"rocky-9", "rockylinux_64Guest", "Rocky Linux (64-bit)"},
	{"windows-2022", "windows2019srvNext_64Guest", "Microsoft Windows Server 2022 (64-bit)"},
}

const (
	templateDiskKB   = 16 * 1024 * 1024
	templateMemoryMB = 2048
	templateCPUs     = 2
	// Files of machines are empty here, so the disk of this computer is no measure.
	datastoreBytes = 100 << 40
)

// furnish gives govmomi's inventory templates, network addresses and running guests.
func (l *lab) furnish() error {
	for _, entity := range simulator.Map.All("Datastore") {
		ds := entity.(*simulator.Datastore)
		ds.Summary.Capacity, ds.Summary.FreeSpace = datastoreBytes, datastoreBytes
		ds.Info.GetDatastoreInfo().FreeSpace = datastoreBytes
	}
	made := templates
	if l.options.stagingAddress != "" {
		made = append(append([]template{}, templates...), stagingTemplates...)
	}
	for _, t := range made {
		if err := l.makeTemplate(t); err != nil {
			return fmt.Errorf("%s: %w", t.name, err)
		}
	}
	for _, entity := range simulator.Map.All("VirtualMachine") {
		vm := entity.(*simulator.VirtualMachine)
		assignMacs(vm, nil)
		m := l.machineOf(vm)
		if !vm.Config.Template {
			setGuestKind(vm, templates[0].guestID, templates[0].guestName)
		}
		if vm.Runtime.PowerState == types.VirtualMachinePowerStatePoweredOn {
			connectCards(vm)
			m.address, m.prefix = nextAddress(), 24
			l.announce(m, m.generation)
		} else {
			showNetwork(vm, m)
		}
	}
	return nil
}

func (l *lab) makeTemplate(t template) error {
	datacenter, ok := firstNamed("Datacenter", "DC0").(*simulator.Datacenter)
	if !ok {
		return fmt.Errorf("there is no datacenter")
	}
	folder := simulator.Map.Get(datacenter.VmFolder).(*simulator.Folder)
	pool, ok := firstNamed("ResourcePool", "Resources").(*simulator.ResourcePool)
	if !ok {
		return fmt.Errorf("there is no resource pool: -cluster must be at least 1")
	}
	request := &types.CreateVM_Task{This: folder.Self, Pool: pool.Self, Config: types.VirtualMachineConfigSpec{
		Name:         t.name,
		NumCPUs:      templateCPUs,
		MemoryMB:     templateMemoryMB,
		GuestId:      string(types.VirtualMachineGuestOsIdentifierOtherLinux64Guest),
		Files:        &types.VirtualMachineFileInfo{VmPathName: "[LocalDS_0]"},
		DeviceChange: templateDevices(t.name),
	}}
	result, fault := invoke(folder.Self, "CreateVM_Task", request)
	if fault != nil {
		return fmt.Errorf("%T", fault)
	}
	vm := simulator.Map.Get(result.(types.ManagedObjectReference)).(*simulator.VirtualMachine)
	setGuestKind(vm, t.guestID, t.guestName)
	vm.MarkAsTemplate(&types.MarkAsTemplate{This: vm.Self})
	return nil
}

func templateDevices(name string) []types.BaseVirtualDeviceConfigSpec {
	var devices object.VirtualDeviceList
	controller, _ := devices.CreateSCSIController("pvscsi")
	disk := devices.CreateDisk(controller.(types.BaseVirtualController), types.ManagedObjectReference{},
		fmt.Sprintf("[LocalDS_0] %[1]s/%[1]s.vmdk", name))
	disk.CapacityInKB = templateDiskKB
	disk.CapacityInBytes = templateDiskKB * 1024
	disk.DeviceInfo = &types.Description{Label: "Hard disk 1"}
	nic := &types.VirtualVmxnet3{}
	nic.Key = -1
	nic.DeviceInfo = &types.Description{Label: "Network adapter 1"}
	nic.Backing = &types.VirtualEthernetCardNetworkBackingInfo{
		VirtualDeviceDeviceBackingInfo: types.VirtualDeviceDeviceBackingInfo{DeviceName: "VM Network"},
	}
	specs, _ := append(devices, controller, disk, nic).ConfigSpec(types.VirtualDeviceConfigSpecOperationAdd)
	return specs
}

func setGuestKind(vm *simulator.VirtualMachine, guestID, guestName string) {
	update(vm,
		"config.guestId", guestID, "config.guestFullName", guestName,
		"summary.config.guestId", guestID, "summary.config.guestFullName", guestName,
		"guest.guestFamily", guestFamily(guestID))
}

// firstNamed finds an entity by its kind and name; of several, the one that was made first.
func firstNamed(kind, name string) mo.Entity {
	var found mo.Entity
	for _, entity := range simulator.Map.All(kind) {
		if entity.Entity().Name != name {
			continue
		}
		if found == nil || age(entity) < age(found) {
			found = entity
		}
	}
	return found
}

// age is the counter at the end of a reference's value.
func age(entity mo.Entity) int {
	n := 0
	value := entity.Reference().Value
	for i := len(value) - 1; i >= 0 && value[i] >= '0' && value[i] <= '9'; i-- {
		n++
	}
	var counter int
	_, _ = fmt.Sscan(value[len(value)-n:], &counter)
	return counter
}

var (
	addressCounter uint32
	// Two labs at once have different hardware addresses.
	macCounter = uint32(rand.New(rand.NewSource(time.Now().UnixNano())).Intn(1 << 22))
)

// nextAddress makes up what a DHCP server would have given; nothing answers there (RFC 2544).
func nextAddress() string {
	n := atomic.AddUint32(&addressCounter, 1)
	return fmt.Sprintf("198.%d.%d.%d", 18+(n>>16)&1, (n>>8)&255, n&255)
}

// nextMac is from the range that vCenter assigns, 00:50:56:00:00:00 to 00:50:56:3f:ff:ff.
func nextMac() string {
	n := atomic.AddUint32(&macCounter, 1)
	return fmt.Sprintf("00:50:56:%02x:%02x:%02x", (n>>16)&0x3f, (n>>8)&255, n&255)
}
