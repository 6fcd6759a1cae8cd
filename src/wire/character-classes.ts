// Which bytes may stand where in a message head (RFC 9110 §5.6.2, §5.5; RFC 9112 §3), as tables of 256 flags.

function table(allowed: (code: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, code) => (allowed(code) ? 1 : 0));
}

/** A character of a token: methods and field names. RFC 9110 §5.6.2. */
export const tokenCharacters = table((code) => /[!#$%&'*+\-.^_`|~0-9A-Za-z]/.test(String.fromCharCode(code)));

/** A character of a field value: HTAB, SP, visible ASCII and obs-text. RFC 9110 §5.5. */
export const valueCharacters = table((code) => code === 9 || (code >= 32 && code !== 127));

/** A character of a request target: visible ASCII but '#', which starts a fragment and is never sent; obs-text passes, as raw UTF-8 paths are common. */
export const targetCharacters = table((code) => code > 32 && code !== 127 && code !== 0x23);

/** A character of a host name: RFC 3986 §3.2.2 reg-name without '%', by which one name could be written in several ways. */
export const hostNameCharacters = table((code) => /[A-Za-z0-9\-._~!$&'()*+,;=]/.test(String.fromCharCode(code)));

/** A character of an IPv6 address between brackets, RFC 3986 §3.2.2. */
export const ipLiteralCharacters = table((code) => /[0-9A-Fa-f:.]/.test(String.fromCharCode(code)));
