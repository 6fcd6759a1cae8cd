// What is wrong with matches, edits, answers and Values, as the compilers of route/ see it.
import { test } from 'node:test';
import { assertProblems, atTop, listener, routes, upstream } from './marked-config.js';

const cases: [string, string, string][] = [
  [
    'an unknown Value in an edit',
    routes('{ "upstream": "app", "request": { "set": { "X-A": "from ▸${client.pi}" } } }'),
    'unknown Value "client.pi"; write "${client.ip}"',
  ],
  [
    'an unknown Value in an edit of a listener',
    listener('{ "address": ":80", "upstream": "app", "response": { "add": { "X-A": "at ▸${nope}" } } }'),
    'unknown Value "nope"',
  ],
  [
    'an unknown Value in an edit of an upstream',
    upstream('"request": { "set": { "X-A": "at ▸${pth}" } }'),
    'unknown Value "pth"; write "${path}"',
  ],
  ['a Value that does not end', routes('{ "respond": { "body": "hello ▸${host" } }'), '"${" has no "}"; write "$${" for a literal "${"'],
  ['an unknown Value in a redirect', routes('{ "redirect": { "to": "https://▸${hst}" } }'), 'unknown Value "hst"; write "${host}"'],
  [
    'an unknown Value in the access log',
    atTop('"accessLog": { "format": "a ▸${respnse.status}" },'),
    'unknown Value "respnse.status"; write "${response.status}"',
  ],
  ['a field name with a space', routes('{ "upstream": "app", "request": { "set": { ▸"X A": "a" } } }'), '"X A" is not a field name'],
  [
    'a framing field',
    routes('{ "upstream": "app", "request": { "remove": ["X-A", ▸"Content-Length"] } }'),
    '"Content-Length" cannot be edited: Limpet writes it itself, anew for each connection',
  ],
  [
    'a path without slash',
    routes('{ "match": { "path": ▸"static" }, "upstream": "app" }'),
    '"static" is not a path; write it with a "/" in front',
  ],
  [
    'a path in a list',
    routes('{ "match": { "path": ["/a", ▸"b"] }, "upstream": "app" }'),
    '"b" is not a path; write it with a "/" in front',
  ],
  ['a host with a port', routes('{ "match": { "host": ▸"a.example:80" }, "upstream": "app" }'), 'a host has no port; write "a.example"'],
  [
    'a method in small letters',
    routes('{ "match": { "method": ▸"get" }, "upstream": "app" }'),
    'methods are compared with case; write "GET"',
  ],
  [
    'a bad client network',
    routes('{ "match": { "client": ▸"10.0.0.300" }, "upstream": "app" }'),
    '"10.0.0.300" is not a network; write an address such as 192.0.2.7, a network such as 10.0.0.0/8, or unix',
  ],
  [
    'two error pages in one',
    listener('{ "address": ":80", "upstream": "app", "errorPages": [{ "status": [404], "respond": {}, "target": ▸"/b" }] }'),
    'there is one page for a status; leave out "respond" or "target"',
  ],
  [
    'an error page that is none',
    listener('{ "address": ":80", "upstream": "app", "errorPages": [▸{ "status": [404] }] }'),
    'the error page is missing; write one of "respond", "redirect", "target" or "routeTo"',
  ],
  [
    'a status for an answer that has one',
    listener('{ "address": ":80", "upstream": "app", "errorPages": [{ "status": [404], "respond": {}, "as": ▸200 }] }'),
    'only "target" and "routeTo" lead to an answer with a status of its own',
  ],
  [
    'an error page that leads to a route that is not there',
    listener('{ "address": ":80", "upstream": "app", "errorPages": [{ "status": [404], "routeTo": ▸"b" }] }'),
    'this listener has no route with the "name" "b"; write one, or leave out what leads there',
  ],
  ['a body where none may be', routes('{ "respond": { "status": 204, "body": ▸"x" } }'), 'a response with status 204 has no body'],
];

for (const [name, text, message] of cases) {
  test(`${name} is a problem at its place`, () => assertProblems(text, [message]));
}
