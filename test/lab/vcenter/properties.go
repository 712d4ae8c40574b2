package main

import (
	"fmt"
	"net/http"
	"sync"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
	"github.com/vmware/govmomi/vim25/xml"
)

// sessionCookie is what tells govmomi's sessions apart.
const sessionCookie = "vmware_soap_session"

// properties answers what govmomi 0.24 cannot: pages of a large inventory, and changes of one without
// reading all of it again for each of them.
type properties struct {
	mu         sync.Mutex
	counter    int
	readings   map[string]*reading   // by the token of the next page
	collectors map[string]*collector // by the value of their reference
}

// reading is a walk of which only the first pages have been answered.
type reading struct {
	session string
	sets    []types.PropertySpec
	left    []types.ManagedObjectReference
	perPage int
}

func newProperties() *properties {
	return &properties{readings: map[string]*reading{}, collectors: map[string]*collector{}}
}

func (p *properties) next(prefix string) string {
	p.counter++
	return fmt.Sprintf("%s-%d", prefix, p.counter)
}

// answerProperties answers a call itself, or leaves it to govmomi: false.
func (l *lab) answerProperties(w http.ResponseWriter, c *call) bool {
	switch c.method {
	case "RetrievePropertiesEx":
		request, ok := c.decode().(*types.RetrievePropertiesEx)
		return ok && request.Options.MaxObjects > 0 && isWalk(request.SpecSet) && l.beginReading(w, c, request)
	case "ContinueRetrievePropertiesEx":
		request, ok := c.decode().(*types.ContinueRetrievePropertiesEx)
		return ok && l.continueReading(w, c, request.Token)
	}
	return l.answerUpdates(w, c)
}

// isWalk: a selection of one kind that starts from one object and goes on from there.
func isWalk(specs []types.PropertyFilterSpec) bool {
	return len(specs) == 1 && len(specs[0].ObjectSet) == 1 && len(specs[0].ObjectSet[0].SelectSet) > 0
}

func (l *lab) beginReading(w http.ResponseWriter, c *call, request *types.RetrievePropertiesEx) bool {
	if l.checkSession(c) != nil {
		return false
	}
	l.world.RLock()
	refs, fault := walk(request.SpecSet[0])
	l.world.RUnlock()
	if fault != nil {
		return false
	}
	l.answerPage(w, &reading{
		session: sessionOf(c), sets: request.SpecSet[0].PropSet, left: refs,
		perPage: int(request.Options.MaxObjects),
	}, "RetrievePropertiesEx")
	return true
}

func (l *lab) continueReading(w http.ResponseWriter, c *call, token string) bool {
	if l.checkSession(c) != nil {
		return false
	}
	p := l.properties
	p.mu.Lock()
	r := p.readings[token]
	delete(p.readings, token)
	p.mu.Unlock()
	if r == nil || r.session != sessionOf(c) {
		writeFault(w, "InvalidArgument", "<invalidProperty>token</invalidProperty>")
		return true
	}
	l.answerPage(w, r, "ContinueRetrievePropertiesEx")
	return true
}

func (l *lab) answerPage(w http.ResponseWriter, r *reading, method string) {
	page := r.left
	if len(page) > r.perPage {
		page = page[:r.perPage]
	}
	r.left = r.left[len(page):]
	l.world.RLock()
	result := types.RetrieveResult{Objects: read(page, r.sets)}
	l.world.RUnlock()
	if len(r.left) > 0 {
		p := l.properties
		p.mu.Lock()
		result.Token = p.next("lab-page")
		p.readings[result.Token] = r
		p.mu.Unlock()
	}
	if method == "RetrievePropertiesEx" {
		writeResponse(w, &methods.RetrievePropertiesExBody{
			Res: &types.RetrievePropertiesExResponse{Returnval: &result}})
		return
	}
	writeResponse(w, &methods.ContinueRetrievePropertiesExBody{
		Res: &types.ContinueRetrievePropertiesExResponse{Returnval: result}})
}

// walk lists the objects that a selection leads to. The world is held by the caller.
func walk(spec types.PropertyFilterSpec) ([]types.ManagedObjectReference, types.BaseMethodFault) {
	bare := types.PropertyFilterSpec{ObjectSet: spec.ObjectSet}
	for _, set := range spec.PropSet {
		bare.PropSet = append(bare.PropSet, types.PropertySpec{Type: set.Type})
	}
	objects, fault := retrieve(bare)
	refs := make([]types.ManagedObjectReference, 0, len(objects))
	for _, object := range objects {
		refs = append(refs, object.Obj)
	}
	return refs, fault
}

// read reads properties of these objects; those that are gone are left out. The world is held by the caller.
func read(refs []types.ManagedObjectReference, sets []types.PropertySpec) []types.ObjectContent {
	if len(refs) == 0 {
		return nil
	}
	skipMissing := true
	spec := types.PropertyFilterSpec{PropSet: sets, ReportMissingObjectsInResults: &skipMissing}
	for _, ref := range refs {
		spec.ObjectSet = append(spec.ObjectSet, types.ObjectSpec{Obj: ref})
	}
	objects, _ := retrieve(spec)
	return objects
}

func retrieve(spec types.PropertyFilterSpec) ([]types.ObjectContent, types.BaseMethodFault) {
	ref := simulator.Map.Get(types.ManagedObjectReference{Type: "ServiceInstance", Value: "ServiceInstance"}).(*simulator.ServiceInstance).Content.PropertyCollector
	collector := simulator.Map.Get(ref).(*simulator.PropertyCollector)
	body := collector.RetrievePropertiesEx(newContext(ref), &types.RetrievePropertiesEx{
		This: ref, SpecSet: []types.PropertyFilterSpec{spec},
	})
	if f := body.Fault(); f != nil {
		return nil, f.VimFault().(types.BaseMethodFault)
	}
	return body.(*methods.RetrievePropertiesExBody).Res.Returnval.Objects, nil
}

func sessionOf(c *call) string {
	cookie, err := c.request.Cookie(sessionCookie)
	if err != nil {
		return ""
	}
	return cookie.Value
}

// writeResponse writes what govmomi would have written.
func writeResponse(w http.ResponseWriter, body soap.HasFault) {
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	_, _ = fmt.Fprint(w, xml.Header)
	_ = xml.NewEncoder(w).Encode(&struct {
		XMLName xml.Name    `xml:"soapenv:Envelope"`
		Env     string      `xml:"xmlns:soapenv,attr"`
		XSD     string      `xml:"xmlns:xsd,attr"`
		XSI     string      `xml:"xmlns:xsi,attr"`
		Body    interface{} `xml:"soapenv:Body"`
	}{
		Env:  "http://schemas.xmlsoap.org/soap/envelope/",
		XSD:  "http://www.w3.org/2001/XMLSchema",
		XSI:  "http://www.w3.org/2001/XMLSchema-instance",
		Body: body,
	})
}
