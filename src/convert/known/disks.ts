import type { DiskVolume } from "../../workload/Workload.ts"

/** Where Google's images have a disk, or a partition of it. */
export const diskDevice = ({ deviceName, partition }: Pick<DiskVolume, "deviceName" | "partition">): string =>
  `/dev/disk/by-id/google-${deviceName}${partition > 0 ? `-part${partition}` : ""}`
