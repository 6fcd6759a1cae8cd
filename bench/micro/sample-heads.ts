// Heads as they come in practice: what a load generator sends, and what a browser sends to a chat behind a proxy.

export const SMALL_REQUEST = 'GET /100 HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nCookie: route=5b1cf5b6f4e8a3d2c1b09f8e7d6c5b4a\r\n\r\n';

export const BROWSER_COOKIE =
  '_ga=GA1.1.1234567890.1700000000; theme=dark; meteor_login_token=Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4; ' +
  'route=5b1cf5b6f4e8a3d2c1b09f8e7d6c5b4a; _ga_ABCDEF1234=GS1.1.1700000000.1.1.1700000100.0.0.0';

export const BROWSER_REQUEST = [
  'POST /sockjs/512/k3j2h1g0/xhr_send?t=1700000000123 HTTP/1.1',
  'Host: chat.example',
  'User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36',
  'Accept: */*',
  'Accept-Language: en-GB,en;q=0.9,de;q=0.8',
  'Accept-Encoding: gzip, deflate, br, zstd',
  'Content-Type: text/plain;charset=UTF-8',
  'Content-Length: 64',
  'Origin: https://chat.example',
  'Connection: keep-alive',
  'Referer: https://chat.example/rooms/general',
  `Cookie: ${BROWSER_COOKIE}`,
  'Sec-Fetch-Dest: empty',
  'Sec-Fetch-Mode: cors',
  'Sec-Fetch-Site: same-origin',
  '\r\n',
].join('\r\n');

export const SMALL_RESPONSE = [
  'HTTP/1.1 200 OK',
  'Server: nginx',
  'Date: Sat, 31 Jan 2026 12:00:00 GMT',
  'Content-Type: application/octet-stream',
  'Content-Length: 100',
  'Last-Modified: Sat, 31 Jan 2026 11:00:00 GMT',
  'Connection: keep-alive',
  'ETag: "697de2c0-64"',
  'Accept-Ranges: bytes',
  '\r\n',
].join('\r\n');
