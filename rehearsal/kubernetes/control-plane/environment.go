package main

import "strings"

// withoutProxies drops the variables that would send what is meant for loopback through a proxy.
func withoutProxies(environment []string) []string {
	kept := make([]string, 0, len(environment))
	for _, variable := range environment {
		name, _, _ := strings.Cut(variable, "=")
		if !strings.HasSuffix(strings.ToUpper(name), "_PROXY") {
			kept = append(kept, variable)
		}
	}
	return kept
}
