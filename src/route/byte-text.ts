// Text from the config as it stands on the wire: a string in which every character is one byte (latin1), like the
// text of a received head. So what is compared, joined and written is of one kind.

/** `text` in UTF-8, one character for each byte. The same string when it is ASCII. */
export function toByteText(text: string): string {
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) > 0x7f) return Buffer.from(text, 'utf8').toString('latin1');
  }
  return text;
}
