package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
)

// rule disturbs calls; the first rule that matches a call and is due is applied.
type rule struct {
	ID       string `json:"id,omitempty"`       // chosen by the client
	Action   string `json:"action"`             // one of ruleActions
	Method   string `json:"method,omitempty"`   // as in SOAP, e.g. CloneVM_Task; empty: any
	Entity   string `json:"entity,omitempty"`   // value of the object's reference; empty: any
	Contains string `json:"contains,omitempty"` // somewhere in the call's XML; empty: any
	Skip     int    `json:"skip,omitempty"`     // let this many matching calls through first
	Count    int    `json:"count,omitempty"`    // apply this many times; 0: for ever
	MS       int    `json:"ms,omitempty"`       // delay: of the call; task-delay, task-fault: length of the task; hold-…: longest time
	Fault    string `json:"fault,omitempty"`    // name of the fault's type, e.g. NoPermission
	Status   int    `json:"status,omitempty"`   // http: status of the answer
	Hits     int    `json:"hits"`               // matching calls so far; the book guards it

	removed chan struct{} // closed when the rule is taken out of the book
}

const (
	actionDelay       = "delay"        // the call is answered later
	actionFault       = "fault"        // the call fails
	actionTaskDelay   = "task-delay"   // the task that the call starts takes longer
	actionTaskFault   = "task-fault"   // the task that the call starts fails
	actionHTTP        = "http"         // an HTTP error without XML
	actionResetBefore = "reset-before" // the connection breaks, nothing is done
	actionResetAfter  = "reset-after"  // it is done, but the connection breaks before the answer
	actionLogout      = "logout"       // the session ends just before the call
	actionHoldBefore  = "hold-before"  // the call waits before it is done
	actionHoldAfter   = "hold-after"   // it is done, but its answer waits
)

var ruleActions = map[string]bool{
	actionDelay: true, actionFault: true, actionTaskDelay: true, actionTaskFault: true,
	actionHTTP: true, actionResetBefore: true, actionResetAfter: true, actionLogout: true,
	actionHoldBefore: true, actionHoldAfter: true,
}

func (r *rule) problem() string {
	switch {
	case !ruleActions[r.Action]:
		return fmt.Sprintf("unknown action %q", r.Action)
	case (r.Action == actionFault || r.Action == actionTaskFault) && r.Fault == "":
		return r.Action + " needs fault: the name of a fault's type"
	case r.Action == actionHTTP && (r.Status < 400 || r.Status > 599):
		return "http needs status: 400 to 599"
	case (r.Action == actionDelay || r.Action == actionTaskDelay || r.holds()) && r.MS <= 0:
		return r.Action + " needs ms"
	}
	return ""
}

// is tells whether r (which may be none) has this action.
func (r *rule) is(action string) bool { return r != nil && r.Action == action }

func (r *rule) holds() bool { return r.is(actionHoldBefore) || r.is(actionHoldAfter) }

func (r *rule) matches(c *call) bool {
	return (r.Method == "" || r.Method == c.method) &&
		(r.Entity == "" || r.Entity == c.this.Value) &&
		bytes.Contains(c.body, []byte(r.Contains))
}

// ruleBook keeps the rules and the calls that they hold, and counts the calls of each method.
type ruleBook struct {
	mutex sync.Mutex
	rules []*rule
	calls map[string]int
	held  []*heldCall // in the order of their arrival
}

func newRuleBook() *ruleBook {
	return &ruleBook{rules: []*rule{}, calls: map[string]int{}}
}

// pick counts a call and returns the rule to apply, or none.
func (b *ruleBook) pick(c *call) *rule {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.calls[c.method]++
	for _, r := range b.rules {
		if !r.matches(c) {
			continue
		}
		r.Hits++
		if r.Hits <= r.Skip || (r.Count > 0 && r.Hits > r.Skip+r.Count) {
			continue
		}
		return r
	}
	return nil
}

// remove takes rules out of the book, which lets go of the calls that they hold.
func (b *ruleBook) remove(unwanted func(*rule) bool) {
	kept := []*rule{}
	for _, r := range b.rules {
		if unwanted(r) {
			close(r.removed)
		} else {
			kept = append(kept, r)
		}
	}
	b.rules = kept
}

// ServeHTTP: POST a list of rules to add them, GET for rules, counts and held calls, DELETE to
// forget rules and counts.
func (b *ruleBook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	switch r.Method {
	case http.MethodGet:
	case http.MethodDelete:
		b.remove(func(*rule) bool { return true })
		b.calls = map[string]int{}
	case http.MethodPost:
		var added []*rule
		decoder := json.NewDecoder(r.Body)
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&added); err != nil {
			http.Error(w, "a list of rules is expected: "+err.Error(), http.StatusBadRequest)
			return
		}
		for _, a := range added {
			if problem := a.problem(); problem != "" {
				http.Error(w, problem, http.StatusBadRequest)
				return
			}
			a.removed = make(chan struct{})
		}
		b.rules = append(b.rules, added...)
	default:
		http.Error(w, "GET, POST or DELETE", http.StatusMethodNotAllowed)
		return
	}
	b.show(w)
}

func (b *ruleBook) show(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]interface{}{
		"rules": b.rules, "calls": b.calls, "held": b.holding(),
	})
}
