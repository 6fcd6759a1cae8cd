// Whether text is a token (RFC 9110 §5.6.2), as methods, field names and cookie names are. For the config, not for heads.
import { tokenCharacters } from '../wire/character-classes.js';

/** Whether `text` is one or more token characters. */
export function isToken(text: string): boolean {
  if (text === '') return false;
  for (let i = 0; i < text.length; i++) {
    if (tokenCharacters[text.charCodeAt(i)] !== 1) return false;
  }
  return true;
}
