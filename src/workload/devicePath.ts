/** Where Google's images have a disk, or a partition of it: `/dev/disk/by-id/google-<deviceName>[-part<N>]`. */
export const devicePath = (deviceName: string, partition: number): string =>
  `/dev/disk/by-id/google-${deviceName}${partition > 0 ? `-part${partition}` : ""}`
