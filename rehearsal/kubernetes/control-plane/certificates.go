package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// Longest time that one control plane lives: what is in a stand-in's cluster is kept from run to run.
const lifetime = 365 * 24 * time.Hour

// client is a user of the API that has a certificate.
type client struct {
	name   string
	groups []string
}

// The components, and the administrator that the rehearsal itself is.
var clients = map[string]client{
	"admin":              {"drydock:rehearsal", []string{"system:masters"}},
	"controller-manager": {"system:kube-controller-manager", nil},
	"scheduler":          {"system:kube-scheduler", nil},
	// Plays every kubelet, and is a node to admission policies too.
	"kwok": {"system:node:kwok", []string{"system:nodes", "system:masters"}},
}

// writeCertificates makes a certificate authority of its own for one control plane, and everything signed by it.
func writeCertificates(folder string) error {
	authority, authorityKey, err := newAuthority()
	if err != nil {
		return err
	}
	if err := writePem(folder, "ca.crt", "CERTIFICATE", authority.Raw); err != nil {
		return err
	}
	server := &x509.Certificate{
		Subject:     pkix.Name{CommonName: "kube-apiserver"},
		DNSNames:    []string{"localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc"},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv4(172, 20, 0, 1)},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if err := sign(folder, "server", server, authority, authorityKey); err != nil {
		return err
	}
	for file, who := range clients {
		subject := pkix.Name{CommonName: who.name, Organization: who.groups}
		certificate := &x509.Certificate{Subject: subject, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}
		if err := sign(folder, file, certificate, authority, authorityKey); err != nil {
			return err
		}
	}
	// Service account tokens are signed with RSA by default; other keys need more settings on both sides.
	accounts, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return err
	}
	return writePem(folder, "service-accounts.key", "RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(accounts))
}

func newAuthority() (*x509.Certificate, *ecdsa.PrivateKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	template := &x509.Certificate{
		Subject:               pkix.Name{CommonName: "drydock-rehearsal"},
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageCertSign,
	}
	if err := dated(template); err != nil {
		return nil, nil, err
	}
	bytes, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, nil, err
	}
	certificate, err := x509.ParseCertificate(bytes)
	return certificate, key, err
}

func sign(folder, name string, certificate, authority *x509.Certificate, authorityKey *ecdsa.PrivateKey) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	certificate.KeyUsage = x509.KeyUsageDigitalSignature
	if err := dated(certificate); err != nil {
		return err
	}
	bytes, err := x509.CreateCertificate(rand.Reader, certificate, authority, &key.PublicKey, authorityKey)
	if err != nil {
		return err
	}
	private, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return err
	}
	if err := writePem(folder, name+".crt", "CERTIFICATE", bytes); err != nil {
		return err
	}
	return writePem(folder, name+".key", "EC PRIVATE KEY", private)
}

func dated(certificate *x509.Certificate) error {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	certificate.SerialNumber = serial
	certificate.NotBefore = time.Now().Add(-time.Minute)
	certificate.NotAfter = time.Now().Add(lifetime)
	return err
}

func writePem(folder, name, kind string, bytes []byte) error {
	return os.WriteFile(filepath.Join(folder, name), pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: bytes}), 0o600)
}
