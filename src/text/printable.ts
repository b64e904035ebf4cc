/** What a program, a registry or a file's name says must not command a terminal. */
export const printable = (text: string): string =>
  text.replace(/\t/g, " ").replace(/[^\P{Cc}\n]|[\u2028-\u202E\u2066-\u2069]/gu, "")
