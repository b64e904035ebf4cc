/** Permissions as chmod takes them and stat prints them, of four digits: `0644`. */
export const octalText = (mode: number): string => mode.toString(8).padStart(4, "0")
