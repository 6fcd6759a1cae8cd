// Finding the route cookie in a Cookie field.

import { cookieValueAt, findCookie } from '../../src/wire/cookies.js';
import type { MicroCase } from './measure.js';
import { BROWSER_COOKIE } from './sample-heads.js';

export const cookieCases: MicroCase[] = [
  cookieCase('cookie: the only one', 'route=5b1cf5b6f4e8a3d2c1b09f8e7d6c5b4a'),
  cookieCase('cookie: fourth of five', BROWSER_COOKIE),
  cookieCase('cookie: none among 200', Array.from({ length: 200 }, (_, i) => `name${i}=value${i}`).join('; ')),
];

function cookieCase(name: string, field: string): MicroCase {
  return {
    name,
    run: (times) => {
      let length = 0;
      for (let i = 0; i < times; i++) {
        const at = findCookie(field, 'route');
        length += at < 0 ? 1 : cookieValueAt(field, at).length;
      }
      return length;
    },
  };
}
