package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// guestHost starts the guests of one lab and keeps their files, below the state folder:
//
//	base/            what all guests share, made by guest/prepare-base
//	guests/<uuid>/   the files and the console of one guest
//	authorized_keys  who may log in, read whenever a guest starts
type guestHost struct {
	state, script string
	asRoot        bool
}

func serveOnOneThread(requests <-chan func()) {
	runtime.LockOSThread()
	for request := range requests {
		request()
	}
}

// newGuestHost prepares for guests and tries one; it returns no host when none are wanted.
func newGuestHost(o options) (*guestHost, error) {
	if o.guestScript == "" {
		return nil, nil
	}
	script, err := filepath.Abs(o.guestScript)
	if err != nil {
		return nil, err
	}
	h := &guestHost{state: o.state, script: script, asRoot: os.Getuid() == 0}
	if err := h.checkPrograms(); err != nil {
		return nil, err
	}
	for _, folder := range []string{"base", "guests"} {
		if err := removeTree(filepath.Join(h.state, folder)); err != nil {
			return nil, err
		}
	}
	if err := h.prepareBase(); err != nil {
		return nil, err
	}
	return h, h.tryGuest(o.sshPort)
}

func (h *guestHost) mode() string {
	if h.asRoot {
		return "root"
	}
	return "user"
}

// checkPrograms names all missing programs at once, with the package to install.
func (h *guestHost) checkPrograms() error {
	needed := map[string]string{
		"/usr/sbin/sshd": "openssh-server", "ssh-keygen": "openssh-client",
		"mount": "mount", "pivot_root": "util-linux", "hostname": "hostname", "python3": "python3",
	}
	if h.asRoot {
		needed["setpriv"] = "util-linux"
	}
	if err := os.Setenv("PATH", os.Getenv("PATH")+":/usr/sbin:/sbin:/usr/bin:/bin"); err != nil {
		return err
	}
	var programs, packages []string
	for program, name := range needed {
		if _, err := exec.LookPath(program); err != nil {
			programs, packages = append(programs, program), append(packages, name)
		}
	}
	if programs == nil {
		return nil
	}
	return fmt.Errorf("guests need %s. Remedy: apt-get install %s",
		strings.Join(programs, ", "), strings.Join(packages, " "))
}

func (h *guestHost) prepareBase() error {
	command := exec.Command("/bin/sh", filepath.Join(filepath.Dir(h.script), "prepare-base"))
	command.Env = append(os.Environ(), "LAB_BASE="+filepath.Join(h.state, "base"),
		"LAB_SOURCE="+filepath.Dir(h.script), "LAB_MODE="+h.mode())
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("the files that guests share cannot be prepared: %w\n%s", err, output)
	}
	return nil
}

// tryGuest builds a guest without starting its sshd, to say early what this machine lacks.
func (h *guestHost) tryGuest(port int) error {
	spec := guestSpec{
		id: "check", host: "check", address: "127.77.0.1", prefix: 24, mac: nextMac(),
		family: "debian", network: "netplan", port: port, customize: true, check: true,
	}
	g, err := h.start(spec)
	if err == nil {
		<-g.ended
		if g.reason == 0 {
			h.remove(spec.id)
			return nil
		}
		console, _ := os.ReadFile(h.console(spec.id))
		err = fmt.Errorf("exit code %d: %s", g.reason, bytes.TrimSpace(console))
	}
	remedy := "run as root with CAP_SYS_ADMIN (in a container: --privileged), with the state folder" +
		" on a file system that overlayfs accepts (ext4, xfs, btrfs, tmpfs)"
	if !h.asRoot {
		remedy = "allow user namespaces (sysctl user.max_user_namespaces, kernel.unprivileged_userns_clone," +
			" kernel.apparmor_restrict_unprivileged_userns=0; Linux 5.11 or newer), or run as root"
	}
	return fmt.Errorf("guests cannot be made on this machine: %w. Remedy: %s", err, remedy)
}

func (h *guestHost) folder(id string) string  { return filepath.Join(h.state, "guests", id) }
func (h *guestHost) console(id string) string { return filepath.Join(h.folder(id), "console.log") }

func (h *guestHost) start(spec guestSpec) (*guest, error) {
	folder := h.folder(spec.id)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	command := exec.Command("/bin/sh", h.script)
	command.Dir = folder
	keys := filepath.Join(h.state, "authorized_keys")
	if len(spec.keys) > 0 {
		keys = filepath.Join(folder, "authorized_keys")
		if err := os.WriteFile(keys, []byte(strings.Join(spec.keys, "\n")+"\n"), 0o600); err != nil {
			return nil, err
		}
	}
	command.Env = spec.environment(h.mode(), keys)
	return startProcess(command, h.asRoot)
}

// hostNameOf reads the name that a guest has given itself for its next start.
func (h *guestHost) hostNameOf(id string) string {
	name, err := os.ReadFile(filepath.Join(h.folder(id), "upper", "etc", "hostname"))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(name))
}

func (h *guestHost) remove(id string) { _ = removeTree(h.folder(id)) }

// removeTree removes a folder, also parts of it that its owner may not read (work folders of overlays).
func removeTree(folder string) error {
	err := os.RemoveAll(folder)
	if err == nil {
		return nil
	}
	_ = filepath.Walk(folder, func(path string, info os.FileInfo, err error) error {
		if info != nil && info.IsDir() {
			_ = os.Chmod(path, 0o700)
		}
		return nil
	})
	return os.RemoveAll(folder)
}

func isRedHat(guestID string) bool {
	for _, prefix := range []string{"rocky", "rhel", "centos", "alma", "oracle", "fedora"} {
		if strings.HasPrefix(guestID, prefix) {
			return true
		}
	}
	return false
}
