// Text from a client is a part of its whole head. Who keeps a part keeps the head in memory with it, unless it is copied.

/** The same text, and no part of another. */
export function ownText(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8');
}
