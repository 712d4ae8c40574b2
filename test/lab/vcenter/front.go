package main

import (
	"bytes"
	"fmt"
	"html"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"regexp"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// lab is the simulated vCenter with everything that is added to govmomi's simulator.
type lab struct {
	options options
	inner   http.Handler
	rules   *ruleBook
	host    *guestHost
	leases  *leases
	// world is held for reading while the inventory is read and for writing while it changes:
	// govmomi 0.24 is not made for changes that run beside each other.
	world      sync.RWMutex
	machines   map[string]*machine      // by the value of the virtual machine's reference
	running    map[string]chan struct{} // tasks that can be cancelled: closed to cancel
	properties *properties
}

// call is a SOAP call as far as it can be told without decoding it.
type call struct {
	request *http.Request
	body    []byte
	method  string
	this    types.ManagedObjectReference
}

var (
	methodPattern = regexp.MustCompile(`<(?:\w+:)?Body[^>]*>\s*<(?:\w+:)?(\w+)[\s/>]`)
	thisPattern   = regexp.MustCompile(`<(?:\w+:)?_this\b[^>]*\stype="(\w+)"[^>]*>([^<]+)<`)
)

func readCall(r *http.Request) (*call, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	c := &call{request: r, body: body}
	if m := methodPattern.FindSubmatch(body); m != nil {
		c.method = string(m[1])
	}
	if m := thisPattern.FindSubmatch(body); m != nil {
		c.this.Type, c.this.Value = string(m[1]), html.UnescapeString(string(m[2]))
	}
	return c, nil
}

// decode returns the call's parameters, or nil when they make no sense.
func (c *call) decode() types.AnyType {
	method, err := simulator.UnmarshalBody(types.TypeFunc(), c.body)
	if err != nil {
		return nil
	}
	return method.Body
}

func (l *lab) serve(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/sdk" || r.Method != http.MethodPost {
		l.world.Lock()
		defer l.world.Unlock()
		l.inner.ServeHTTP(w, r)
		return
	}
	c, err := readCall(r)
	if err != nil {
		return // the client has gone
	}
	picked := l.rules.pick(c)
	if picked != nil && l.disturb(w, c, picked) {
		return
	}
	answer := l.answer(c, picked)
	if picked.is(actionResetAfter) {
		reset(w)
		return
	}
	if picked.is(actionHoldAfter) {
		l.rules.hold(c, picked)
	}
	for name, values := range answer.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes())
}

// disturb applies what happens before a call; true: the call is over.
func (l *lab) disturb(w http.ResponseWriter, c *call, picked *rule) bool {
	switch picked.Action {
	case actionDelay:
		time.Sleep(time.Duration(picked.MS) * time.Millisecond)
	case actionHoldBefore:
		l.rules.hold(c, picked)
	case actionFault:
		writeFault(w, picked.Fault, "")
		return true
	case actionHTTP:
		w.WriteHeader(picked.Status)
		return true
	case actionResetBefore:
		reset(w)
		return true
	case actionLogout:
		l.world.Lock()
		l.ask(c, `<Logout xmlns="urn:vim25"><_this type="SessionManager">SessionManager</_this></Logout>`)
		l.world.Unlock()
	}
	return false
}

// answer answers a call, by the lab itself or by govmomi.
func (l *lab) answer(c *call, picked *rule) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	defer func() {
		if cause := recover(); cause != nil {
			log.Printf("%s broke the simulator: %v\n%s", c.method, cause, debug.Stack())
			w = httptest.NewRecorder()
			writeFault(w, "SystemError", "<reason>"+html.EscapeString(fmt.Sprint(cause))+"</reason>")
		}
	}()
	if l.isOurs(c) {
		if refusal := l.checkSession(c); refusal != nil {
			return refusal
		}
		if l.answerOurs(w, c, picked) {
			return w
		}
	}
	if l.answerProperties(w, c) {
		return w
	}
	switch {
	case strings.HasPrefix(c.method, "WaitForUpdates"), c.method == "CheckForUpdates":
		// These wait for changes, so nothing may be locked while they run.
	case strings.HasPrefix(c.method, "Retrieve"):
		l.world.RLock()
		defer l.world.RUnlock()
	default:
		l.world.Lock()
		defer l.world.Unlock()
	}
	l.forward(w, c)
	return w
}

func (l *lab) isOurs(c *call) bool {
	switch c.method {
	case "CancelTask", "ShutdownGuest", "RebootGuest":
		return true
	}
	return strings.HasSuffix(c.method, "_Task")
}

// answerOurs answers what the lab does itself; false: left to govmomi, e.g. to say that the object
// or the method does not exist.
func (l *lab) answerOurs(w http.ResponseWriter, c *call, picked *rule) bool {
	l.world.Lock()
	defer l.world.Unlock()
	object := simulator.Map.Get(c.this)
	if object == nil {
		return false
	}
	switch c.method {
	case "CancelTask":
		return l.cancelTask(w, c)
	case "ShutdownGuest", "RebootGuest":
		return l.askGuest(w, c)
	}
	if !hasMethod(object, c.method) {
		return false
	}
	request := c.decode()
	if request == nil {
		return false
	}
	task := l.startTask(c, request, picked)
	writeBody(w, fmt.Sprintf(
		`<%[1]sResponse xmlns="urn:vim25"><returnval type="Task">%[2]s</returnval></%[1]sResponse>`,
		c.method, task.Value))
	return true
}

// checkSession returns govmomi's refusal when the call has no session.
func (l *lab) checkSession(c *call) *httptest.ResponseRecorder {
	l.world.Lock()
	defer l.world.Unlock()
	w := l.ask(c, `<CurrentTime xmlns="urn:vim25"><_this type="ServiceInstance">ServiceInstance</_this></CurrentTime>`)
	if w.Code == http.StatusOK {
		return nil
	}
	return w
}

// ask sends another body with the same session to govmomi.
func (l *lab) ask(c *call, body string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	l.forward(w, &call{request: c.request, body: []byte(envelope(body))})
	return w
}

func (l *lab) forward(w http.ResponseWriter, c *call) {
	r := c.request.Clone(c.request.Context())
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(c.body)), int64(len(c.body))
	l.inner.ServeHTTP(w, r)
}

func envelope(body string) string {
	return `<?xml version="1.0" encoding="UTF-8"?>` +
		`<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"` +
		` xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>` +
		body + `</soapenv:Body></soapenv:Envelope>`
}

func writeBody(w http.ResponseWriter, body string) {
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	_, _ = io.WriteString(w, envelope(body))
}

// writeFault answers with the fault of this type; fields is the XML inside it.
func writeFault(w http.ResponseWriter, name, fields string) {
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	w.WriteHeader(http.StatusInternalServerError)
	_, _ = io.WriteString(w, envelope(fmt.Sprintf(
		`<soapenv:Fault><faultcode>ServerFaultCode</faultcode><faultstring>%[1]s</faultstring>`+
			`<detail><%[1]sFault xmlns="urn:vim25" xsi:type="%[1]s">%[2]s</%[1]sFault></detail>`+
			`</soapenv:Fault>`, name, fields)))
}

// reset breaks the connection of a call.
func reset(w http.ResponseWriter) {
	if hijacker, ok := w.(http.Hijacker); ok {
		if connection, _, err := hijacker.Hijack(); err == nil {
			_ = connection.Close()
		}
	}
}
