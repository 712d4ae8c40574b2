package main

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"
)

// heldCall is a call that waits until its rule is removed.
type heldCall struct {
	Rule   string `json:"rule"` // id of the rule
	Method string `json:"method"`
	Entity string `json:"entity"`
	by     *rule
}

// hold returns when the rule has been removed, and after the rule's time at the latest; it does not
// care whether the client is still there. Whoever calls it must not hold the world.
func (b *ruleBook) hold(c *call, by *rule) {
	held := &heldCall{Rule: by.ID, Method: c.method, Entity: c.this.Value, by: by}
	b.mutex.Lock()
	b.held = append(b.held, held)
	b.mutex.Unlock()
	limit := time.NewTimer(time.Duration(by.MS) * time.Millisecond)
	defer limit.Stop()
	select {
	case <-by.removed:
	case <-limit.C:
	}
	b.mutex.Lock()
	defer b.mutex.Unlock()
	for i, other := range b.held {
		if other == held {
			b.held = append(b.held[:i], b.held[i+1:]...)
			return
		}
	}
}

// holding lists the calls that are held now. Those of a rule that has been removed are about to go.
func (b *ruleBook) holding() []*heldCall {
	list := []*heldCall{}
	for _, held := range b.held {
		select {
		case <-held.by.removed:
		default:
			list = append(list, held)
		}
	}
	return list
}

// serveRelease lets go of the calls that a rule holds and removes the rule: POST {"rule": id}, or
// nothing for all rules that hold calls.
func (b *ruleBook) serveRelease(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		http.Error(w, "POST", http.StatusMethodNotAllowed)
		return
	}
	var wanted struct {
		Rule string `json:"rule"`
	}
	decoder := json.NewDecoder(r.Body)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&wanted); err != nil && !errors.Is(err, io.EOF) {
		http.Error(w, "the id of a rule is expected: "+err.Error(), http.StatusBadRequest)
		return
	}
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.remove(func(r *rule) bool {
		if wanted.Rule == "" {
			return r.holds()
		}
		return r.ID == wanted.Rule
	})
	b.show(w)
}
