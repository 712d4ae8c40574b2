package main

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

const (
	// settleTime lets changes that belong together come in one answer.
	settleTime = 50 * time.Millisecond
	// longestWait is for calls that name no time of their own.
	longestWait = 10 * time.Minute
)

// collector tells the changes of what its filter selects. govmomi's own reads everything again for each
// change, and reads while others write.
type collector struct {
	session string
	filter  types.ManagedObjectReference
	spec    *types.PropertyFilterSpec
	wake    chan struct{} // something has happened

	mu      sync.Mutex
	changed map[types.ManagedObjectReference]map[string]bool // names of properties
	moved   bool                                             // objects came, went or are elsewhere

	// Only who waits for updates uses these.
	known   map[types.ManagedObjectReference]bool
	untold  []untold
	version int
}

// untold is a change that has not been answered yet; its values are read when it is.
type untold struct {
	ref   types.ManagedObjectReference
	kind  types.ObjectUpdateKind
	paths []string
}

// changeHandler is told by govmomi's registry what happens to its objects, and tells the collectors.
type changeHandler struct{ properties *properties }

func (changeHandler) Reference() types.ManagedObjectReference {
	return types.ManagedObjectReference{Type: "LabChanges", Value: "lab-changes"}
}

func (h changeHandler) PutObject(o mo.Reference) { h.each(o.Reference(), (*collector).move) }

func (h changeHandler) RemoveObject(ref types.ManagedObjectReference) {
	h.each(ref, (*collector).move)
}

func (h changeHandler) UpdateObject(o mo.Reference, changes []types.PropertyChange) {
	h.each(o.Reference(), func(c *collector) { c.note(o.Reference(), changes) })
}

func (h changeHandler) each(ref types.ManagedObjectReference, tell func(*collector)) {
	switch ref.Type {
	case "Task", "SessionManager", "PropertyCollector", "PropertyFilter", "EventManager":
		return // in no inventory
	}
	h.properties.mu.Lock()
	defer h.properties.mu.Unlock()
	for _, c := range h.properties.collectors {
		tell(c)
		select {
		case c.wake <- struct{}{}:
		default:
		}
	}
}

func (c *collector) move() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.moved = true
}

func (c *collector) note(ref types.ManagedObjectReference, changes []types.PropertyChange) {
	c.mu.Lock()
	defer c.mu.Unlock()
	names := c.changed[ref]
	if names == nil {
		names = map[string]bool{}
		c.changed[ref] = names
	}
	for _, change := range changes {
		names[change.Name] = true
		switch change.Name {
		case "childEntity", "resourcePool", "host", "vm":
			c.moved = true
		}
	}
}

// touch says that anything of an object may have changed: not every change goes through the registry.
func (l *lab) touch(ref types.ManagedObjectReference) {
	changeHandler{l.properties}.each(ref, func(c *collector) {
		c.note(ref, []types.PropertyChange{{Name: ""}})
		c.move()
	})
}

// answerUpdates answers calls of the lab's own collectors, and makes them; false: left to govmomi.
func (l *lab) answerUpdates(w http.ResponseWriter, c *call) bool {
	if c.method == "CreatePropertyCollector" {
		return l.checkSession(c) == nil && l.createCollector(w, c)
	}
	p := l.properties
	p.mu.Lock()
	collector := p.collectors[c.this.Value]
	p.mu.Unlock()
	if collector == nil || collector.session != sessionOf(c) || l.checkSession(c) != nil {
		return false
	}
	switch request := c.decode().(type) {
	case *types.CreateFilter:
		collector.spec = &request.Spec
		collector.filter = types.ManagedObjectReference{Type: "PropertyFilter", Value: c.this.Value + "-filter"}
		writeResponse(w, &methods.CreateFilterBody{Res: &types.CreateFilterResponse{Returnval: collector.filter}})
	case *types.WaitForUpdatesEx:
		l.waitForUpdates(w, c, collector, request)
	case *types.DestroyPropertyCollector:
		p.mu.Lock()
		delete(p.collectors, c.this.Value)
		p.mu.Unlock()
		writeResponse(w, &methods.DestroyPropertyCollectorBody{Res: &types.DestroyPropertyCollectorResponse{}})
	default:
		return false
	}
	return true
}

func (l *lab) createCollector(w http.ResponseWriter, c *call) bool {
	p := l.properties
	p.mu.Lock()
	ref := types.ManagedObjectReference{Type: "PropertyCollector", Value: p.next("lab-collector")}
	p.collectors[ref.Value] = &collector{
		session: sessionOf(c), wake: make(chan struct{}, 1),
		changed: map[types.ManagedObjectReference]map[string]bool{},
	}
	p.mu.Unlock()
	writeResponse(w, &methods.CreatePropertyCollectorBody{
		Res: &types.CreatePropertyCollectorResponse{Returnval: ref}})
	return true
}

func (l *lab) waitForUpdates(w http.ResponseWriter, c *call, of *collector, request *types.WaitForUpdatesEx) {
	if of.spec == nil {
		writeFault(w, "InvalidState", "")
		return
	}
	if request.Version == "" {
		of.known, of.untold = map[types.ManagedObjectReference]bool{}, nil
		of.move()
	} else if request.Version != of.versionText() {
		writeFault(w, "InvalidCollectorVersion", "")
		return
	}
	wait, most := longestWait, 0
	if o := request.Options; o != nil {
		most = int(o.MaxObjectUpdates)
		if o.MaxWaitSeconds != nil {
			wait = time.Duration(*o.MaxWaitSeconds) * time.Second
		}
	}
	end := time.After(wait)
	for {
		if set := l.updatesOf(of, most); set != nil {
			writeResponse(w, &methods.WaitForUpdatesExBody{Res: &types.WaitForUpdatesExResponse{Returnval: set}})
			return
		}
		select {
		case <-of.wake:
			time.Sleep(settleTime)
		case <-end:
			writeResponse(w, &methods.WaitForUpdatesExBody{Res: &types.WaitForUpdatesExResponse{}})
			return
		case <-c.request.Context().Done():
			return
		}
	}
}

func (c *collector) versionText() string { return fmt.Sprint(c.version) }

// updatesOf takes what has not been told yet, `most` objects of it if that is not 0; nil: nothing.
func (l *lab) updatesOf(c *collector, most int) *types.UpdateSet {
	l.world.RLock()
	defer l.world.RUnlock()
	c.collect()
	now := c.untold
	if most > 0 && len(now) > most {
		now = now[:most]
	}
	c.untold = c.untold[len(now):]
	var updates []types.ObjectUpdate
	for _, each := range now {
		if update, told := c.tell(each); told {
			updates = append(updates, update)
		}
	}
	if len(updates) == 0 {
		return nil
	}
	c.version++
	truncated := len(c.untold) > 0
	return &types.UpdateSet{
		Version: c.versionText(), Truncated: &truncated,
		FilterSet: []types.PropertyFilterUpdate{{Filter: c.filter, ObjectSet: updates}},
	}
}

// collect turns what has happened into what is to be told. The world is held by the caller.
func (c *collector) collect() {
	c.mu.Lock()
	changed, moved := c.changed, c.moved
	c.changed, c.moved = map[types.ManagedObjectReference]map[string]bool{}, false
	c.mu.Unlock()
	for ref, names := range changed {
		if paths := c.pathsFor(ref, names); c.known[ref] && len(paths) > 0 {
			c.untold = append(c.untold, untold{ref, types.ObjectUpdateKindModify, paths})
		}
	}
	if !moved {
		return
	}
	refs, _ := walk(*c.spec)
	now := make(map[types.ManagedObjectReference]bool, len(refs))
	for _, ref := range refs {
		now[ref] = true
		if !c.known[ref] {
			c.untold = append(c.untold, untold{ref, types.ObjectUpdateKindEnter, nil})
		}
	}
	for ref := range c.known {
		if !now[ref] {
			c.untold = append(c.untold, untold{ref, types.ObjectUpdateKindLeave, nil})
		}
	}
	c.known = now
}

// pathsFor are the filter's properties of an object that changes of these names concern.
func (c *collector) pathsFor(ref types.ManagedObjectReference, names map[string]bool) []string {
	var paths []string
	for _, set := range c.spec.PropSet {
		if set.Type != ref.Type && !(set.Type == "ComputeResource" && ref.Type == "ClusterComputeResource") {
			continue
		}
		for _, path := range set.PathSet {
			for name := range names {
				if name == "" || name == path || strings.HasPrefix(path, name+".") || strings.HasPrefix(name, path+".") {
					paths = append(paths, path)
					break
				}
			}
		}
	}
	return paths
}

func (c *collector) tell(each untold) (types.ObjectUpdate, bool) {
	update := types.ObjectUpdate{Obj: each.ref, Kind: each.kind}
	if each.kind == types.ObjectUpdateKindLeave {
		return update, true
	}
	sets := c.spec.PropSet
	if each.kind == types.ObjectUpdateKindModify {
		sets = []types.PropertySpec{{Type: each.ref.Type, PathSet: each.paths}}
	}
	if simulator.Map.Get(each.ref) == nil {
		return update, false // its leaving follows
	}
	missing := map[string]bool{}
	for _, path := range each.paths {
		missing[path] = true
	}
	for _, object := range read([]types.ManagedObjectReference{each.ref}, sets) {
		for _, property := range object.PropSet {
			delete(missing, property.Name)
			update.ChangeSet = append(update.ChangeSet, types.PropertyChange{
				Name: property.Name, Op: types.PropertyChangeOpAssign, Val: property.Val,
			})
		}
	}
	for path := range missing {
		update.ChangeSet = append(update.ChangeSet, types.PropertyChange{Name: path, Op: types.PropertyChangeOpAssign})
	}
	return update, true
}
