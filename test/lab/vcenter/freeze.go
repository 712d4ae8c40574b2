package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"sort"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/vmware/govmomi/simulator"
)

// freezeTimeout is for all processes of a guest to stop, which takes them a few milliseconds.
const freezeTimeout = 5 * time.Second

// serveGuests stops and continues guests: POST {"vm": name, "action": "stop" or "continue"}.
func (l *lab) serveGuests(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		http.Error(w, "POST", http.StatusMethodNotAllowed)
		return
	}
	var wanted struct {
		VM     string `json:"vm"`
		Action string `json:"action"`
	}
	decoder := json.NewDecoder(r.Body)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&wanted); err != nil {
		http.Error(w, "vm and action are expected: "+err.Error(), http.StatusBadRequest)
		return
	}
	act, known := map[string]func(*guest) error{"stop": (*guest).freeze, "continue": (*guest).thaw}[wanted.Action]
	if !known {
		http.Error(w, fmt.Sprintf("unknown action %q", wanted.Action), http.StatusBadRequest)
		return
	}
	l.world.Lock() // no guest is started or killed meanwhile
	defer l.world.Unlock()
	g := l.guestNamed(wanted.VM)
	if g == nil || g.hasEnded() {
		http.Error(w, fmt.Sprintf("no machine %q with a guest that runs", wanted.VM), http.StatusNotFound)
		return
	}
	if err := act(g); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}

func (l *lab) guestNamed(name string) *guest {
	for _, m := range l.machines {
		if vm, ok := simulator.Map.Get(m.ref).(*simulator.VirtualMachine); ok && vm.Name == name {
			return m.guest
		}
	}
	return nil
}

// freeze stops all processes of the guest, also those that are born while it is at work.
func (g *guest) freeze() error {
	signalled := map[int]bool{}
	for end := time.Now().Add(freezeTimeout); time.Now().Before(end); time.Sleep(time.Millisecond) {
		processes, err := g.processes()
		if err != nil {
			return err
		}
		still := true
		for _, pid := range processes {
			state := stateOf(pid)
			// What sleeps uninterruptibly (as a process does whose vfork is stopped) stops when it wakes.
			if strings.Contains("TtZX", state) || (state == "D" && signalled[pid]) {
				continue
			}
			still = false
			signalled[pid] = true
			_ = syscall.Kill(pid, syscall.SIGSTOP) // it may have ended in the meantime
		}
		if still {
			return nil
		}
	}
	return errors.New("some processes of the guest do not stop")
}

// thaw lets the guest go on where it was stopped.
func (g *guest) thaw() error {
	processes, err := g.processes()
	for _, pid := range processes {
		_ = syscall.Kill(pid, syscall.SIGCONT)
	}
	return err
}

// processes lists what runs in the guest's process namespace, the oldest first.
func (g *guest) processes() ([]int, error) {
	own, err := namespaceOf(g.process.Pid)
	if err != nil {
		return nil, err
	}
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil, err
	}
	var list []int
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue
		}
		if namespace, err := namespaceOf(pid); err == nil && namespace == own {
			list = append(list, pid)
		}
	}
	sort.Ints(list)
	return list, nil
}

func namespaceOf(pid int) (string, error) {
	return os.Readlink(fmt.Sprintf("/proc/%d/ns/pid", pid))
}

// stateOf is the letter of proc(5) for the state of a process; X when it has ended.
func stateOf(pid int) string {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return "X"
	}
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	return fields[0]
}
