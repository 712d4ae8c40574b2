package main

import (
	"fmt"

	"github.com/google/uuid"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/types"
)

// bulkFolders are the folders that the many machines lie in.
const bulkFolders = 20

// makeBulk puts many machines into the inventory: copies of the first one without files, because
// making thousands of them through the API takes minutes. They can be read and renamed.
func (l *lab) makeBulk(count int) error {
	if count == 0 {
		return nil
	}
	first, ok := firstNamed("VirtualMachine", "DC0_C0_RP0_VM0").(*simulator.VirtualMachine)
	if !ok {
		return fmt.Errorf("-bulk needs -vm 1 and -cluster 1 at least")
	}
	parent := simulator.Map.Get(*first.Parent).(*simulator.Folder)
	folders := make([]*simulator.Folder, bulkFolders)
	for i := range folders {
		body := parent.CreateFolder(newContext(parent.Self), &types.CreateFolder{
			This: parent.Self, Name: fmt.Sprintf("bulk-%02d", i),
		})
		if f := body.Fault(); f != nil {
			return fmt.Errorf("%s", f.String)
		}
		ref := body.(*methods.CreateFolderBody).Res.Returnval
		folders[i] = simulator.Map.Get(ref).(*simulator.Folder)
	}
	for i := 0; i < count; i++ {
		l.addCopy(first, folders[i%bulkFolders], fmt.Sprintf("bulk-%05d", i))
	}
	return nil
}

func (l *lab) addCopy(of *simulator.VirtualMachine, folder *simulator.Folder, name string) {
	vm := *of
	config, guest, summary := *of.Config, *of.Guest, of.Summary
	vm.Config, vm.Guest, vm.Summary = &config, &guest, summary
	vm.Self = types.ManagedObjectReference{}
	vm.Name, vm.Config.Name, vm.Summary.Config.Name = name, name, name
	vm.Config.Uuid, vm.Config.InstanceUuid = uuid.New().String(), uuid.New().String()
	vm.Summary.Config.Uuid, vm.Summary.Config.InstanceUuid = vm.Config.Uuid, vm.Config.InstanceUuid
	vm.Config.Hardware.Device = append([]types.BaseVirtualDevice{}, of.Config.Hardware.Device...)
	for i, device := range vm.Config.Hardware.Device {
		if card, ok := device.(*types.VirtualE1000); ok {
			own := *card
			own.MacAddress = nextMac()
			vm.Config.Hardware.Device[i] = &own
		}
	}
	simulator.Map.PutEntity(folder, &vm)
	vm.Summary.Vm = &vm.Self
	folder.ChildEntity = append(folder.ChildEntity, vm.Self)
	m := l.machineOf(&vm)
	m.address, m.toolsRunning, m.reportedName = nextAddress(), true, name
	showNetwork(&vm, m)
}
