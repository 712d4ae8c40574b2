// The simulated vCenter of the lab: govmomi's simulator with tasks that take time, complete
// clones, faults on request, and virtual machines that answer over SSH.
package main

import (
	"crypto/tls"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/vmware/govmomi/simulator"
	_ "github.com/vmware/govmomi/vapi/simulator"
)

// stopTimeout is for an orderly end.
const stopTimeout = 5 * time.Second

type options struct {
	listen, state, guestScript, username, password string
	dhcp, stagingAddress                           string
	taskTime, addressAfter, rebootAfter            time.Duration
	sshPort, bulk                                  int
	endWithStdin, expired                          bool
}

func parseFlags(model *simulator.Model) options {
	var o options
	flag.StringVar(&o.listen, "listen", "127.0.0.1:8989", "address of the API")
	flag.StringVar(&o.state, "state", "lab-state", "folder for the certificate and the guests' files")
	flag.StringVar(&o.guestScript, "guest", "", "script that becomes a guest (guest/start); none: no guests")
	flag.StringVar(&o.username, "username", "", "accept only this user (default: any)")
	flag.StringVar(&o.password, "password", "", "accept only this password")
	flag.DurationVar(&o.taskTime, "task-time", 300*time.Millisecond, "time each task takes")
	flag.DurationVar(&o.addressAfter, "address-after", 500*time.Millisecond, "a guest reports its address this long after power on, at the earliest")
	flag.DurationVar(&o.rebootAfter, "reboot-after", time.Second, "time between the end of a rebooting guest and its start")
	flag.StringVar(&o.dhcp, "dhcp", "", "network in 127.77.0.0/16 that guests get leases from (default: made-up addresses, and no guests)")
	flag.StringVar(&o.stagingAddress, "staging-address", "", "address in 127.77.0.0/16 of guests of templates named …-staging (default: no such templates)")
	flag.IntVar(&o.sshPort, "ssh-port", 0, "port of the guests' sshd (default: 22 as root, 2222 otherwise)")
	flag.BoolVar(&o.endWithStdin, "end-with-stdin", false, "end when standard input ends")
	flag.IntVar(&model.Datacenter, "dc", 1, "datacenters")
	flag.IntVar(&model.Cluster, "cluster", 1, "clusters per datacenter")
	flag.IntVar(&model.ClusterHost, "host", 3, "hosts per cluster")
	flag.IntVar(&model.Datastore, "ds", 2, "datastores")
	flag.IntVar(&model.Pool, "pool", 1, "resource pools per cluster, beside its root pool")
	flag.IntVar(&model.Portgroup, "pg", 2, "distributed port groups")
	flag.IntVar(&model.Machine, "vm", 2, "virtual machines per cluster and per standalone host")
	flag.BoolVar(&o.expired, "expired", false, "a new certificate has expired yesterday")
	flag.IntVar(&o.bulk, "bulk", 0, "further virtual machines, which have no files")
	flag.Parse()
	if o.sshPort == 0 && os.Getuid() == 0 {
		o.sshPort = 22
	} else if o.sshPort == 0 {
		o.sshPort = 2222
	}
	return o
}

func main() {
	log.SetFlags(0)
	log.SetPrefix("lab: ")
	model := simulator.VPX()
	o := parseFlags(model)
	if err := run(model, o); err != nil {
		log.Fatal(err)
	}
}

func run(model *simulator.Model, o options) error {
	state, err := filepath.Abs(o.state)
	if err != nil {
		return err
	}
	o.state = state
	if err := os.MkdirAll(state, 0o700); err != nil {
		return fmt.Errorf("the state folder cannot be made: %w", err)
	}
	certificate, err := loadCertificate(state, o.expired)
	if err != nil {
		return err
	}
	host, err := newGuestHost(o)
	if err != nil {
		return err
	}
	l, err := newLab(model, o, host)
	if err != nil {
		return err
	}
	defer model.Remove()
	return serve(l, certificate)
}

// newLab builds the inventory. The listener that govmomi opens of its own is closed at once: all
// calls come through the front, where rules apply.
func newLab(model *simulator.Model, o options, host *guestHost) (*lab, error) {
	datastores := filepath.Join(o.state, "datastores")
	if err := removeTree(datastores); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(datastores, 0o700); err != nil {
		return nil, err
	}
	os.Setenv("TMPDIR", datastores)
	if err := model.Create(); err != nil {
		return nil, fmt.Errorf("the inventory cannot be made: %w", err)
	}
	model.Service.RegisterEndpoints = true
	model.Service.Listen = &url.URL{Host: "127.0.0.1:0"}
	if o.username != "" {
		model.Service.Listen.User = url.UserPassword(o.username, o.password)
	}
	server := model.Service.NewServer()
	_ = server.Listener.Close()
	leases, err := newLeases(o.dhcp)
	if err != nil {
		return nil, err
	}
	l := &lab{
		options:    o,
		leases:     leases,
		inner:      model.Service.ServeMux,
		rules:      newRuleBook(),
		host:       host,
		machines:   map[string]*machine{},
		running:    map[string]chan struct{}{},
		properties: newProperties(),
	}
	if err := l.furnish(); err != nil {
		return nil, fmt.Errorf("the templates cannot be made: %w", err)
	}
	if err := l.makeBulk(o.bulk); err != nil {
		return nil, fmt.Errorf("the many machines cannot be made: %w", err)
	}
	simulator.Map.AddHandler(changeHandler{l.properties})
	return l, nil
}

func serve(l *lab, certificate tls.Certificate) error {
	listener, err := net.Listen("tcp", l.options.listen)
	if err != nil {
		return fmt.Errorf("cannot listen on %s: %w", l.options.listen, err)
	}
	front := http.NewServeMux()
	front.Handle("/", http.HandlerFunc(l.serve))
	front.Handle("/_lab/rules", l.rules)
	front.HandleFunc("/_lab/release", l.rules.serveRelease)
	front.HandleFunc("/_lab/guests", l.serveGuests)
	server := &http.Server{
		Handler:  front,
		ErrorLog: log.New(io.Discard, "", 0),
		// HTTP/2 has no connection that could be reset under a single call.
		TLSNextProto: map[string]func(*http.Server, *tls.Conn, http.Handler){},
		TLSConfig:    &tls.Config{Certificates: []tls.Certificate{certificate}},
	}
	ended := make(chan error, 1)
	go func() { ended <- server.ServeTLS(listener, "", "") }()
	ready := map[string]interface{}{
		"ready":   true,
		"url":     fmt.Sprintf("https://%s/sdk", listener.Addr()),
		"pid":     os.Getpid(),
		"sshPort": l.options.sshPort,
	}
	if err := json.NewEncoder(os.Stdout).Encode(ready); err != nil {
		return err
	}
	defer l.stop()
	select {
	case err := <-ended:
		return err
	case <-asked(l.options.endWithStdin):
		time.AfterFunc(stopTimeout, func() { os.Exit(1) }) // which ends the guests as well
		return server.Close()
	}
}

// stop ends all guests. They would end with this process anyway; here it is waited for.
func (l *lab) stop() {
	l.world.Lock()
	defer l.world.Unlock()
	for _, m := range l.machines {
		m.generation++ // what ends now does not start again
		m.guest.kill()
	}
}

// asked is closed when the lab is told to end: by a signal, or by the end of its parent process.
func asked(endWithStdin bool) <-chan struct{} {
	done := make(chan struct{})
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	if endWithStdin {
		go func() {
			_, _ = io.Copy(io.Discard, os.Stdin)
			signals <- syscall.SIGTERM
		}()
	}
	go func() {
		<-signals
		close(done)
	}()
	return done
}
