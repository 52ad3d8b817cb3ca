#!/usr/bin/env bash
# EMR bootstrap action of GPU nodes: YARN isolates GPUs through the devices controller of cgroup v1, which
# Amazon Linux 2023 (EMR 7) does not mount. A hierarchy of our own, which yarn-site.xml names.
set -euo pipefail
sudo mkdir -p /rtcn-cgroup/devices
if ! mountpoint -q /rtcn-cgroup/devices; then
  sudo mount -t cgroup -o devices cgroupv1-devices /rtcn-cgroup/devices
fi
sudo chmod a+rwx -R /rtcn-cgroup
