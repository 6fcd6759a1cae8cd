// How text from outside gets into a log line without ending it, or passing for a field of it.

/**
 * Control characters, `"`, `\` and everything above 0x7e as \xHH (above 0xff as \uHHHH); other text as it is, without a copy.
 * The result is printable ASCII and may stand between double quotes.
 */
export function escapeLogText(text: string): string {
  const at = text.search(unsafe);
  return at < 0 ? text : escapeFrom(text, at);
}

// One character class, so linear; on slices of a received head it takes half the time of a loop over charCodeAt, which has to find
// the text behind the slice for every character.
const unsafe = /[^\x20\x21\x23-\x5b\x5d-\x7e]/;

function escapeFrom(text: string, firstAt: number): string {
  let escaped = text.slice(0, firstAt);
  for (let i = firstAt; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0xff) escaped += `\\u${code.toString(16).padStart(4, '0')}`;
    else if (code < 0x20 || code > 0x7e || code === 0x22 || code === 0x5c)
      escaped += `\\x${code.toString(16).padStart(2, '0').toUpperCase()}`;
    else escaped += text[i];
  }
  return escaped;
}
