package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
)

// Why a guest ended, as the exit code of guest/init.
const (
	endReboot   = 10
	endPowerOff = 11
)

// guestSpec is what a guest has to know about its virtual machine.
type guestSpec struct {
	id, host, domain, address, mac, family string
	prefix                                 int32
	gateways, dns                          []string
	port                                   int
	network                                string // what manages it: netplan, nmcli or ifupdown
	keys                                   []string
	customize                              bool // its identity is new and has to be written into its files
	staged                                 bool // its first files say the address, as those of its template
	check                                  bool // only see whether it could be started
}

func (s guestSpec) environment(mode, keys string) []string {
	return []string{
		"LAB_FOLDER=.",
		"LAB_BASE=../../base",
		"LAB_KEYS=" + keys,
		"LAB_MODE=" + mode,
		"LAB_FAMILY=" + s.family,
		"LAB_HOST=" + s.host,
		"LAB_DOMAIN=" + s.domain,
		"LAB_ADDRESS=" + s.address,
		"LAB_PREFIX=" + strconv.Itoa(int(s.prefix)),
		"LAB_GATEWAY=" + strings.Join(s.gateways, " "),
		"LAB_DNS=" + strings.Join(s.dns, " "),
		"LAB_MAC=" + s.mac,
		"LAB_UUID=" + s.id,
		"LAB_SSH_PORT=" + strconv.Itoa(s.port),
		"LAB_CUSTOMIZE=" + digit(s.customize),
		"LAB_CHECK=" + digit(s.check),
		"LAB_NETWORK=" + s.network,
		"LAB_STAGED=" + digit(s.staged),
	}
}

func digit(b bool) string {
	if b {
		return "1"
	}
	return "0"
}

// guest is a running guest.
type guest struct {
	process   *os.Process
	listening chan struct{} // closed when its sshd listens
	ended     chan struct{} // closed when all its processes have ended
	addresses chan string   // what it says of addresses that it gives itself
	reason    int           // once ended: endReboot, endPowerOff or another exit code
}

// startProcess makes the first process of a guest in namespaces of its own. It ends with the lab
// in any case: the kernel kills it when the thread that made it ends.
func startProcess(command *exec.Cmd, asRoot bool) (*guest, error) {
	output, input, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	command.Stdout, command.Stderr = input, input
	command.SysProcAttr = namespaces(asRoot)
	err = starter.start(command)
	_ = input.Close()
	if err != nil {
		_ = output.Close()
		return nil, err
	}
	g := &guest{process: command.Process, listening: make(chan struct{}), ended: make(chan struct{}),
		addresses: make(chan string, 16)}
	console, err := os.OpenFile(command.Dir+"/console.log", os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		_ = command.Process.Kill()
		console = nil
	}
	read := make(chan struct{})
	go func() {
		defer close(read)
		g.follow(output, console)
	}()
	go func() {
		err := command.Wait()
		<-read
		g.reason = exitCode(err)
		close(g.ended)
	}()
	return g, nil
}

func namespaces(asRoot bool) *syscall.SysProcAttr {
	attributes := &syscall.SysProcAttr{
		Pdeathsig:    syscall.SIGKILL,
		Setpgid:      true,
		Cloneflags:   syscall.CLONE_NEWPID | syscall.CLONE_NEWUTS | syscall.CLONE_NEWIPC,
		Unshareflags: syscall.CLONE_NEWNS, // which also makes all mounts private
	}
	if !asRoot {
		attributes.Cloneflags |= syscall.CLONE_NEWUSER
		attributes.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}
		attributes.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}
	}
	return attributes
}

// follow copies what the guest says to its console and notices when its sshd listens.
func (g *guest) follow(output io.ReadCloser, console *os.File) {
	defer output.Close()
	listening := false
	lines := bufio.NewScanner(output)
	for lines.Scan() {
		if !listening && strings.HasPrefix(lines.Text(), "Server listening on ") {
			listening = true
			close(g.listening)
		}
		if said := strings.TrimPrefix(lines.Text(), readdressMark); said != lines.Text() {
			select {
			case g.addresses <- said:
			default: // nobody follows
			}
		}
		if console != nil {
			_, _ = fmt.Fprintln(console, lines.Text())
		}
	}
	close(g.addresses)
	if console != nil {
		_ = console.Close()
	}
}

// readdressMark begins the line by which guest/init tells that sshd listens on another address.
const readdressMark = "lab guest: address "

// onReaddress calls back whenever the guest has given itself another address.
func (g *guest) onReaddress(tell func(said string)) {
	go func() {
		for said := range g.addresses {
			tell(said)
		}
	}()
}

func exitCode(err error) int {
	var exit *exec.ExitError
	if err == nil {
		return 0
	}
	if errors.As(err, &exit) {
		return exit.ExitCode()
	}
	return -1
}

// kill ends the guest and returns when none of its processes is left. There may be no guest.
func (g *guest) kill() {
	if g == nil {
		return
	}
	_ = g.process.Kill()
	<-g.ended
}

// ask lets the guest end by itself.
func (g *guest) ask(reboot bool) {
	signal := syscall.SIGTERM
	if reboot {
		signal = syscall.SIGHUP
	}
	_ = g.process.Signal(signal)
}

func (g *guest) hasEnded() bool {
	select {
	case <-g.ended:
		return true
	default:
		return false
	}
}

// starter starts all guests on one thread that never ends before the program: the kernel takes the
// end of the starting thread for the death of the parent.
var starter = newProcessStarter()

type processStarter struct {
	requests chan func()
	once     sync.Once
}

func newProcessStarter() *processStarter {
	return &processStarter{requests: make(chan func())}
}

func (s *processStarter) start(command *exec.Cmd) error {
	s.once.Do(func() { go serveOnOneThread(s.requests) })
	result := make(chan error, 1)
	s.requests <- func() { result <- command.Start() }
	return <-result
}
