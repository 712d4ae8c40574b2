package main

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"reflect"
	"runtime/debug"
	"strings"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// progressInterval is the time between two steps of a task's progress, at most.
const progressInterval = 200 * time.Millisecond

// startTask makes the task of a call and lets it run. The world is held by the caller.
func (l *lab) startTask(c *call, request types.AnyType, picked *rule) types.ManagedObjectReference {
	name := strings.ToLower(c.method[:1]) + strings.TrimSuffix(c.method[1:], "_Task") + "Task"
	task := simulator.CreateTask(c.this, name, nil)
	task.Info.Cancelable = true
	task.Info.EntityName = nameOf(c.this)
	cancel := make(chan struct{})
	l.running[task.Self.Value] = cancel
	go l.runTask(task, cancel, c, request, picked)
	return task.Self
}

func (l *lab) runTask(task *simulator.Task, cancel chan struct{}, c *call, request types.AnyType, picked *rule) {
	length := l.options.taskTime
	if (picked.is(actionTaskDelay) || picked.is(actionTaskFault)) && picked.MS > 0 {
		length = time.Duration(picked.MS) * time.Millisecond
	}
	l.change(task, "info.state", types.TaskInfoStateRunning, "info.startTime", time.Now())
	finished := l.passTime(task, cancel, length)

	l.world.Lock()
	defer l.world.Unlock()
	delete(l.running, task.Self.Value)
	var result types.AnyType
	var fault types.BaseMethodFault
	switch {
	case !finished:
		fault = &types.RequestCanceled{}
	case picked.is(actionTaskFault):
		fault = faultNamed(picked.Fault)
	default:
		result, fault = l.perform(c, request)
	}
	l.touch(c.this)
	finishTask(task, result, fault)
}

// passTime shows the progress of a task; false: it was cancelled.
func (l *lab) passTime(task *simulator.Task, cancel chan struct{}, length time.Duration) bool {
	steps := 4
	if n := int(length / progressInterval); n > steps {
		steps = n
	}
	for i := 1; i <= steps; i++ {
		select {
		case <-cancel:
			return false
		case <-time.After(length / time.Duration(steps)):
		}
		if i < steps {
			l.change(task, "info.progress", int32(100*i/steps))
		}
	}
	return true
}

// change sets properties (name, value, name, value …) of an object while nobody else reads it.
func (l *lab) change(object mo.Reference, pairs ...interface{}) {
	l.world.Lock()
	defer l.world.Unlock()
	update(object, pairs...)
}

// update is change for those who hold the world.
func update(object mo.Reference, pairs ...interface{}) {
	changes := make([]types.PropertyChange, 0, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		changes = append(changes, types.PropertyChange{Name: pairs[i].(string), Val: pairs[i+1]})
	}
	simulator.Map.WithLock(object, func() { simulator.Map.Update(object, changes) })
}

func finishTask(task *simulator.Task, result types.AnyType, fault types.BaseMethodFault) {
	if fault != nil {
		update(task, "info.completeTime", time.Now(), "info.cancelable", false,
			"info.error", types.LocalizedMethodFault{
				Fault:            fault,
				LocalizedMessage: reflect.TypeOf(fault).Elem().Name(),
			},
			"info.state", types.TaskInfoStateError)
		return
	}
	update(task, "info.completeTime", time.Now(), "info.cancelable", false,
		"info.result", result, "info.state", types.TaskInfoStateSuccess)
}

func (l *lab) cancelTask(w http.ResponseWriter, c *call) bool {
	cancel, found := l.running[c.this.Value]
	if !found {
		writeFault(w, "InvalidState", "")
		return true
	}
	delete(l.running, c.this.Value)
	if task, ok := simulator.Map.Get(c.this).(*simulator.Task); ok {
		update(task, "info.cancelled", true, "info.cancelable", false)
	}
	close(cancel)
	writeBody(w, `<CancelTaskResponse xmlns="urn:vim25"/>`)
	return true
}

// perform does what a task is for.
func (l *lab) perform(c *call, request types.AnyType) (result types.AnyType, fault types.BaseMethodFault) {
	defer func() {
		if cause := recover(); cause != nil {
			log.Printf("%s broke the simulator: %v\n%s", c.method, cause, debug.Stack())
			result, fault = nil, &types.SystemErrorFault{Reason: fmt.Sprint(cause)}
		}
	}()
	vm, isMachine := simulator.Map.Get(c.this).(*simulator.VirtualMachine)
	if !isMachine {
		return invoke(c.this, c.method, request)
	}
	switch typed := request.(type) {
	case *types.CloneVM_Task:
		return l.clone(vm, typed)
	case *types.CustomizeVM_Task:
		return nil, l.customize(vm, &typed.Spec)
	case *types.ReconfigVM_Task:
		return l.reconfigure(vm, typed)
	case *types.PowerOnVM_Task, *types.PowerOffVM_Task, *types.ResetVM_Task, *types.SuspendVM_Task:
		return l.changePower(vm, c.method, request)
	case *types.Destroy_Task:
		return l.destroy(vm, request)
	}
	return invoke(c.this, c.method, request)
}

func goName(method string) string {
	return strings.TrimSuffix(method, "_Task") + "Task"
}

func hasMethod(object mo.Reference, method string) bool {
	return reflect.ValueOf(object).MethodByName(goName(method)).IsValid()
}

// invoke calls a task's method of a simulated object and returns what its task came to. The world
// is held by the caller.
func invoke(ref types.ManagedObjectReference, method string, request types.AnyType) (types.AnyType, types.BaseMethodFault) {
	object := simulator.Map.Get(ref)
	if object == nil {
		return nil, &types.ManagedObjectNotFound{Obj: ref}
	}
	function := reflect.ValueOf(object).MethodByName(goName(method))
	arguments := []reflect.Value{reflect.ValueOf(request)}
	if function.Type().NumIn() == 2 {
		arguments = append([]reflect.Value{reflect.ValueOf(newContext(ref))}, arguments...)
	}
	var body soap.HasFault
	simulator.Map.WithLock(object, func() {
		body = function.Call(arguments)[0].Interface().(soap.HasFault)
	})
	if f := body.Fault(); f != nil {
		if fault, ok := f.VimFault().(types.BaseMethodFault); ok {
			return nil, fault
		}
		return nil, &types.SystemErrorFault{Reason: f.String}
	}
	inner := reflect.ValueOf(body).Elem().FieldByName("Res").Elem().FieldByName("Returnval")
	task := simulator.Map.Get(inner.Interface().(types.ManagedObjectReference)).(*simulator.Task)
	simulator.Map.Remove(task.Self) // the caller's task is the one to see
	if task.Info.Error != nil {
		return nil, task.Info.Error.Fault
	}
	return task.Info.Result, nil
}

func newContext(caller types.ManagedObjectReference) *simulator.Context {
	return &simulator.Context{
		Context: context.Background(),
		Map:     simulator.Map,
		Caller:  &caller,
		Session: &simulator.Session{
			UserSession: types.UserSession{UserName: "lab"},
			Registry:    simulator.NewRegistry(),
		},
	}
}

func nameOf(ref types.ManagedObjectReference) string {
	if entity, ok := simulator.Map.Get(ref).(mo.Entity); ok && entity.Entity().Name != "" {
		return entity.Entity().Name
	}
	return ref.Value
}

func faultNamed(name string) types.BaseMethodFault {
	if kind, ok := types.TypeFunc()(name); ok {
		if fault, ok := reflect.New(kind).Interface().(types.BaseMethodFault); ok {
			return fault
		}
	}
	return &types.SystemErrorFault{Reason: "injected " + name}
}
