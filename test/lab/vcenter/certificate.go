package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// loadCertificate reads the lab's certificate from the state folder, or makes one there. It signs
// itself and is an authority, so that it serves both as a CA file and for a pin of its fingerprint.
func loadCertificate(state string, expired bool) (tls.Certificate, error) {
	certificateFile := filepath.Join(state, "certificate.pem")
	keyFile := filepath.Join(state, "key.pem")
	pair, err := tls.LoadX509KeyPair(certificateFile, keyFile)
	if err == nil {
		return pair, nil
	}
	certificatePem, keyPem, err := makeCertificate(expired)
	if err != nil {
		return pair, fmt.Errorf("the certificate cannot be made: %w", err)
	}
	if err := os.WriteFile(keyFile, keyPem, 0o600); err != nil {
		return pair, err
	}
	if err := os.WriteFile(certificateFile, certificatePem, 0o644); err != nil {
		return pair, err
	}
	return tls.X509KeyPair(certificatePem, keyPem)
}

func makeCertificate(expired bool) (certificatePem, keyPem []byte, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, nil, err
	}
	begin, end := time.Now().Add(-time.Hour), time.Now().AddDate(10, 0, 0)
	if expired {
		begin, end = time.Now().AddDate(-2, 0, 0), time.Now().AddDate(0, 0, -1)
	}
	template := &x509.Certificate{
		SerialNumber:          serial,
		Subject:               pkix.Name{CommonName: "Simulated vCenter of the lab"},
		NotBefore:             begin,
		NotAfter:              end,
		KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
		IsCA:                  true,
		DNSNames:              []string{"localhost"},
		IPAddresses:           []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, nil, err
	}
	keyDer, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, nil, err
	}
	certificatePem = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	keyPem = pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDer})
	return certificatePem, keyPem, nil
}
