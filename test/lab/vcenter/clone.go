package main

import (
	"bytes"
	"math/rand"

	"github.com/google/uuid"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
	"github.com/vmware/govmomi/vim25/xml"
)

// clone is CloneVM_Task with what govmomi 0.24 leaves out: checks instead of panics, hardware of
// its own, config, customization and powerOn.
func (l *lab) clone(source *simulator.VirtualMachine, request *types.CloneVM_Task) (types.AnyType, types.BaseMethodFault) {
	if fault := checkClone(request); fault != nil {
		return nil, fault
	}
	restore, fault := disguise(source, &request.Spec)
	if fault != nil {
		return nil, fault
	}
	result, fault := invoke(source.Self, "CloneVM_Task", request)
	restore()
	if fault != nil {
		return nil, fault
	}
	ref := result.(types.ManagedObjectReference)
	vm := simulator.Map.Get(ref).(*simulator.VirtualMachine)
	setGuestKind(vm, source.Config.GuestId, source.Config.GuestFullName)
	l.inheritAddress(vm, source.Name)
	if fault := l.finishClone(vm, &request.Spec); fault != nil {
		_, _ = l.destroy(vm, &types.Destroy_Task{This: ref})
		return nil, fault
	}
	return ref, nil
}

func checkClone(request *types.CloneVM_Task) types.BaseMethodFault {
	folder, ok := simulator.Map.Get(request.Folder).(*simulator.Folder)
	if !ok {
		return &types.ManagedObjectNotFound{Obj: request.Folder}
	}
	if request.Name == "" {
		return &types.InvalidName{Name: request.Name}
	}
	if same := simulator.Map.FindByName(request.Name, folder.ChildEntity); same != nil {
		return &types.DuplicateName{Name: request.Name, Object: same.Reference()}
	}
	location := request.Spec.Location
	for _, ref := range []*types.ManagedObjectReference{location.Datastore, location.Pool, location.Host} {
		if ref != nil && simulator.Map.Get(*ref) == nil {
			return &types.ManagedObjectNotFound{Obj: *ref}
		}
	}
	datacenter := datacenterOf(&request.Folder)
	if location.Datastore != nil && datacenter != nil &&
		simulator.FindReference(datacenter.Datastore, *location.Datastore) == nil {
		return &types.InvalidDatastore{Datastore: location.Datastore}
	}
	changes := location.DeviceChange
	if request.Spec.Config != nil {
		changes = append(changes, request.Spec.Config.DeviceChange...)
	}
	return checkDevices(changes, datacenter)
}

// disguise makes the source look as govmomi needs it for a clone: with devices that the clone may
// keep, on the host where the clone will be, and with a guest id that it knows.
func disguise(source *simulator.VirtualMachine, spec *types.VirtualMachineCloneSpec) (restore func(), fault types.BaseMethodFault) {
	devices, host, guestID := source.Config.Hardware.Device, source.Runtime.Host, source.Config.GuestId
	copies := copyDevices(devices)
	for _, card := range networkCards(copies) {
		card.MacAddress = nextMac()
		card.AddressType = string(types.VirtualEthernetCardMacTypeAssigned)
	}
	place, fault := chooseHost(source, spec)
	if fault != nil {
		return nil, fault
	}
	source.Config.Hardware.Device = copies
	source.Runtime.Host = place
	source.Config.GuestId = ""
	return func() {
		source.Config.Hardware.Device = devices
		source.Runtime.Host = host
		source.Config.GuestId = guestID
	}, nil
}

func chooseHost(source *simulator.VirtualMachine, spec *types.VirtualMachineCloneSpec) (*types.ManagedObjectReference, types.BaseMethodFault) {
	if spec.Location.Host != nil {
		return spec.Location.Host, nil
	}
	pool := spec.Location.Pool
	if pool == nil {
		return source.Runtime.Host, nil
	}
	for ref := pool; ref != nil; {
		object := simulator.Map.Get(*ref)
		var hosts []types.ManagedObjectReference
		switch compute := object.(type) {
		case *simulator.ClusterComputeResource:
			hosts = compute.Host
		case *mo.ComputeResource:
			hosts = compute.Host
		}
		if len(hosts) > 0 {
			return &hosts[rand.Intn(len(hosts))], nil
		}
		entity, ok := object.(mo.Entity)
		if !ok {
			break
		}
		ref = entity.Entity().Parent
	}
	return nil, &types.InvalidArgument{InvalidProperty: "spec.location.pool"}
}

// copyDevices copies by way of XML, which is how they came in.
func copyDevices(devices []types.BaseVirtualDevice) []types.BaseVirtualDevice {
	var buffer bytes.Buffer
	if err := xml.NewEncoder(&buffer).Encode(&types.ArrayOfVirtualDevice{VirtualDevice: devices}); err != nil {
		panic(err)
	}
	decoder := xml.NewDecoder(&buffer)
	decoder.TypeFunc = types.TypeFunc()
	var copies types.ArrayOfVirtualDevice
	if err := decoder.Decode(&copies); err != nil {
		panic(err)
	}
	return copies.VirtualDevice
}

func (l *lab) finishClone(vm *simulator.VirtualMachine, spec *types.VirtualMachineCloneSpec) types.BaseMethodFault {
	wanted := types.VirtualMachineConfigSpec{Uuid: uuid.New().String(), InstanceUuid: uuid.New().String()}
	if c := spec.Config; c != nil {
		wanted.NumCPUs, wanted.NumCoresPerSocket = c.NumCPUs, c.NumCoresPerSocket
		wanted.MemoryMB, wanted.Annotation = c.MemoryMB, c.Annotation
		if c.Uuid != "" {
			wanted.Uuid = c.Uuid
		}
		if c.InstanceUuid != "" {
			wanted.InstanceUuid = c.InstanceUuid
		}
	}
	request := &types.ReconfigVM_Task{This: vm.Self, Spec: wanted}
	if !spec.Template {
		if _, fault := invoke(vm.Self, "ReconfigVM_Task", request); fault != nil {
			return fault
		}
	}
	assignMacs(vm, nil)
	update(vm, "config.changeVersion", uuid.New().String())
	m := l.machineOf(vm)
	showTools(vm, m)
	if spec.Customization != nil {
		if fault := l.customize(vm, spec.Customization); fault != nil {
			return fault
		}
	}
	if spec.PowerOn && !spec.Template {
		_, fault := l.changePower(vm, "PowerOnVM_Task", &types.PowerOnVM_Task{This: vm.Self})
		return fault
	}
	return nil
}

// reconfigure is ReconfigVM_Task with checks instead of panics, with the guest's view of its network
// following, and with the check of changeVersion.
func (l *lab) reconfigure(vm *simulator.VirtualMachine, request *types.ReconfigVM_Task) (types.AnyType, types.BaseMethodFault) {
	if fault := checkDevices(request.Spec.DeviceChange, datacenterOf(vm.Parent)); fault != nil {
		return nil, fault
	}
	if version := request.Spec.ChangeVersion; version != "" && version != vm.Config.ChangeVersion {
		return nil, &types.ConcurrentAccess{}
	}
	before := macsByKey(vm)
	result, fault := invoke(vm.Self, "ReconfigVM_Task", request)
	update(vm, "config.changeVersion", uuid.New().String())
	assignMacs(vm, before)
	m := l.machineOf(vm)
	for _, option := range request.Spec.ExtraConfig {
		if value := option.GetOptionValue(); value.Key == "SET.guest.ipAddress" {
			m.address, _ = value.Value.(string)
			m.prefix = 24
		}
	}
	showNetwork(vm, m)
	return result, fault
}

func checkDevices(changes []types.BaseVirtualDeviceConfigSpec, datacenter *mo.Datacenter) types.BaseMethodFault {
	for _, change := range changes {
		spec := change.GetVirtualDeviceConfigSpec()
		if spec.Device == nil {
			return &types.InvalidDeviceSpec{}
		}
		device := spec.Device.GetVirtualDevice()
		if device.DeviceInfo == nil && spec.Operation == types.VirtualDeviceConfigSpecOperationEdit {
			device.DeviceInfo = &types.Description{}
		}
		if card, ok := spec.Device.(types.BaseVirtualEthernetCard); ok {
			if fault := checkBacking(card.GetVirtualEthernetCard(), datacenter); fault != nil {
				return fault
			}
		}
	}
	return nil
}
