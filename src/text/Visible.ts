/** Control characters, and those that end a line or turn its direction. */
const invisible = /[\p{Cc}\u2028-\u202E\u2066-\u2069]/gu

/** A piece of the text for a message: what could command a terminal is replaced, one character by one. */
export const visible = (text: string): string => text.replace(invisible, "\uFFFD")
