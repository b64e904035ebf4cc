/** Where tmpfs and disks are mounted on the host, unless a setting says otherwise: konlet's place. */
export const defaultMountRoot = "/mnt/disks/gce-containers-mounts"
