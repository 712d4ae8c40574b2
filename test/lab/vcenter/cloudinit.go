package main

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"strconv"
	"strings"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// metadata is guestinfo.metadata as cloud-init's datasource VMware reads it; here as JSON only.
type metadata struct {
	InstanceID    string `json:"instance-id"`
	LocalHostname string `json:"local-hostname"`
	Network       struct {
		Version   int                 `json:"version"`
		Ethernets map[string]ethernet `json:"ethernets"`
	} `json:"network"`
	Redact []string `json:"redact"`
}

type ethernet struct {
	Match struct {
		MacAddress string `json:"macaddress"`
	} `json:"match"`
	DHCP4     bool     `json:"dhcp4"`
	Addresses []string `json:"addresses"`
	Routes    []struct {
		To  string `json:"to"`
		Via string `json:"via"`
	} `json:"routes"`
	Nameservers struct {
		Addresses []string `json:"addresses"`
		Search    []string `json:"search"`
	} `json:"nameservers"`
}

// cloudConfig is guestinfo.userdata, as JSON below its first line.
type cloudConfig struct {
	Users []json.RawMessage `json:"users"`
}

// applyCloudInit happens at power on; true: the guest has a new identity. As cloud-init does, it
// looks once at each instance id.
func (m *machine) applyCloudInit(vm *simulator.VirtualMachine, from *leases) bool {
	options := optionsOf(vm)
	if options["guestinfo.metadata"] == "" {
		return false
	}
	var meta metadata
	if err := decodeGuestInfo(options, "guestinfo.metadata", &meta); err != nil {
		log.Printf("%s: guestinfo.metadata cannot be read: %v", vm.Name, err)
		return false
	}
	if meta.InstanceID == m.instance {
		return false
	}
	m.instance = meta.InstanceID
	m.identity = meta.identity(vm)
	if m.identity.first().address == "" {
		m.address, m.prefix = from.next()
	}
	keys, err := keysOfRoot(options)
	if err != nil {
		log.Printf("%s: guestinfo.userdata cannot be read: %v", vm.Name, err)
	}
	m.identity.keys = keys
	for _, name := range meta.Redact {
		setOption(vm, "guestinfo."+name, "---")
		setOption(vm, "guestinfo."+name+".encoding", "")
	}
	return true
}

func (meta *metadata) identity(vm *simulator.VirtualMachine) *identity {
	host, domain := meta.LocalHostname, ""
	if dot := strings.IndexByte(host, '.'); dot > 0 {
		host, domain = host[:dot], host[dot+1:]
	}
	id := &identity{host: host, domain: domain}
	for _, card := range cardsOf(vm) {
		id.cards = append(id.cards, meta.card(id, card.MacAddress))
	}
	return id
}

// card is what the metadata says of the card with this hardware address: nothing, unless it matches.
func (meta *metadata) card(id *identity, mac string) cardAddress {
	found := cardAddress{mac: mac}
	for _, settings := range meta.Network.Ethernets {
		if !strings.EqualFold(settings.Match.MacAddress, mac) || settings.DHCP4 || len(settings.Addresses) == 0 {
			continue
		}
		ip, network, err := net.ParseCIDR(settings.Addresses[0])
		if err != nil {
			continue
		}
		ones, _ := network.Mask.Size()
		found.address, found.prefix = ip.String(), int32(ones)
		for _, route := range settings.Routes {
			id.gateways = append(id.gateways, route.Via)
		}
		id.dns = append(id.dns, settings.Nameservers.Addresses...)
	}
	return found
}

func keysOfRoot(options map[string]string) ([]string, error) {
	if options["guestinfo.userdata"] == "" {
		return nil, nil
	}
	var config cloudConfig
	if err := decodeGuestInfo(options, "guestinfo.userdata", &config); err != nil {
		return nil, err
	}
	var keys []string
	for _, raw := range config.Users {
		var user struct {
			Name string   `json:"name"`
			Keys []string `json:"ssh_authorized_keys"`
		}
		// "default" is a text, not a user.
		if json.Unmarshal(raw, &user) == nil && user.Name == "root" {
			keys = append(keys, user.Keys...)
		}
	}
	return keys, nil
}

func decodeGuestInfo(options map[string]string, key string, into interface{}) error {
	text := []byte(options[key])
	switch encoding := options[key+".encoding"]; encoding {
	case "":
	case "base64", "gzip+base64":
		decoded, err := base64.StdEncoding.DecodeString(string(text))
		if err != nil {
			return err
		}
		text = decoded
		if encoding == "gzip+base64" {
			if text, err = unzipped(decoded); err != nil {
				return err
			}
		}
	default:
		return fmt.Errorf("encoding %s", strconv.Quote(encoding))
	}
	return json.Unmarshal(bytes.TrimPrefix(text, []byte("#cloud-config\n")), into)
}

func unzipped(data []byte) ([]byte, error) {
	reader, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(reader)
}

func optionsOf(vm *simulator.VirtualMachine) map[string]string {
	options := map[string]string{}
	for _, option := range vm.Config.ExtraConfig {
		value := option.GetOptionValue()
		options[value.Key], _ = value.Value.(string)
	}
	return options
}

func setOption(vm *simulator.VirtualMachine, key, value string) {
	for _, option := range vm.Config.ExtraConfig {
		if known := option.GetOptionValue(); known.Key == key {
			known.Value = value
			return
		}
	}
	vm.Config.ExtraConfig = append(vm.Config.ExtraConfig, &types.OptionValue{Key: key, Value: value})
}
