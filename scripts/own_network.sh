#!/usr/bin/env bash
# Run a command in a network of its own, where this machine has one address besides the loopback's: 10.77.0.1.
# libnice (GStreamer, Janus) never uses the loopback, and nothing that is run here reaches any other machine.
set -euo pipefail

if [[ ${1:-} != --inside ]]; then
  exec unshare --net --map-root-user -- "$0" --inside "$@"
fi
shift
ip link set lo up
ip link add here type veth peer name there
ip address add 10.77.0.1/24 dev here
ip link set here up
ip link set there up
exec "$@"
