//go:build tools

// Package tools pins the LiveKit server that the gate builds when there is none: go.mod names its version,
// go.sum the checksum of everything it is built from. (`go install` refuses it because of its replace directives.)
package tools

import _ "github.com/livekit/livekit-server/cmd/server"
