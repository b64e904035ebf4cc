/** The filesystems that a disk may hold, or is given if it is blank. */
export const filesystems = ["ext4", "xfs"] as const

/** A filesystem that a blank disk can be given. */
export type Filesystem = (typeof filesystems)[number]

/** A blank disk is given this one where none is declared. */
export const defaultFilesystem: Filesystem = "ext4"

export const isFilesystem = (type: string): type is Filesystem => filesystems.some((one) => one === type)
