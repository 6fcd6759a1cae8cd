// The languages of other proxies, each with what reads it.
import type { FrontEnd } from './front-end.js';
import { translateHaproxy } from './haproxy/translate.js';
import type { Language } from './language.js';
import { translateNginx } from './nginx/translate.js';

export const frontEnds: Readonly<Record<Exclude<Language, 'json'>, FrontEnd>> = { nginx: translateNginx, haproxy: translateHaproxy };
