package main

import (
	"fmt"
	"net/url"
	"time"

	"go.etcd.io/etcd/server/v3/embed"
)

// Time that etcd gets to become ready.
const etcdStart = 30 * time.Second

// runEtcd serves a database in a folder on a unix socket, which only this user reaches. A rehearsal can be made again,
// so it never waits for the disk: only a crash of the machine loses what it holds.
func runEtcd(folder, socket string) error {
	config := embed.NewConfig()
	config.Name = "rehearsal"
	config.Dir = folder
	config.ListenClientUrls = []url.URL{{Scheme: "unix", Path: socket}}
	// Nobody asks where it is, and there are no peers; but etcd wants addresses in the form of a host and port.
	unused := []url.URL{{Scheme: "unix", Host: "peer.sock:0"}}
	config.AdvertiseClientUrls, config.ListenPeerUrls, config.AdvertisePeerUrls = unused, unused, unused
	config.InitialCluster = config.InitialClusterFromName(config.Name)
	config.UnsafeNoFsync = true
	config.LogLevel = "error"
	server, err := embed.StartEtcd(config)
	if err != nil {
		return err
	}
	select {
	case <-server.Server.ReadyNotify():
	case <-time.After(etcdStart):
		return fmt.Errorf("etcd is not ready after %s", etcdStart)
	}
	return <-server.Err()
}
