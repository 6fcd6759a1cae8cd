// A load and the servers behind it, for what costs the usual generators and servers as much as it costs a proxy or more: small requests,
// messages through tunnels, and bodies of a megabyte. One process each, epoll, no copy of a body that can be spared.
//
//   light-load serve NAME=PORT ...    servers for GET /BYTES and for WebSocket echo, each with its name in X-Upstream; bodies come from
//                                     files of that name in the working directory
//   light-load ask PORT CONNECTIONS SECONDS REQUEST ANSWER [HANDSHAKE]    files: each connection sends the request and waits for the answer
//                                     before it sends it again; an HTTP answer is the body behind a head; with a handshake, which a 101
//                                     answers, it is all that comes
//
// `ask` prints one line of JSON, a LoadResult of load.ts. One request or message is under way on a connection, so that whatever comes in one
// read belongs to it; a head has to come in one piece.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
  MAX_SOCKETS = 65536,
  MAX_EVENTS = 256,
  MAX_PAGES = 16,
  MAX_HEAD = 512,
  MAX_SENT_WHOLE = 16 * 1024,
  MAX_MESSAGE = 1 << 24,
  MAX_LATENCY_US = 1 << 20,
  SPIN_NS = 1000000,
  SLEEP_MS = 100
};

// What is read into; parsers look at it as text, so that one byte behind it stays zero.
static char buffer[256 * 1024 + 1];
static int poller;

static uint64_t now_ns(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static struct sockaddr_in loopback(int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

static void watch(int operation, int socket, uint32_t events) {
  struct epoll_event event = {.events = events, .data.fd = socket};
  epoll_ctl(poller, operation, socket, &event);
}

// Waits for events, but sleeps only when there have been none for a while: a proxy is not to pay for waking its clients and servers, which
// would be on other machines. Clients and servers share a processor, and give it to each other.
static int wait_for(struct epoll_event *events) {
  static uint64_t last;
  for (;;) {
    int may_sleep = now_ns() - last > SPIN_NS;
    int ready = epoll_wait(poller, events, MAX_EVENTS, may_sleep ? SLEEP_MS : 0);
    if (ready > 0) last = now_ns();
    if (ready != 0 || may_sleep) return ready;
    sched_yield();
  }
}

static void begin(int socket) {
  int on = 1;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  fcntl(socket, F_SETFL, O_NONBLOCK);
  watch(EPOLL_CTL_ADD, socket, EPOLLIN);
}

static void fail(const char *what) {
  perror(what);
  exit(1);
}

struct bytes {
  char *at;
  size_t count;
};

static struct bytes file(const char *path) {
  int fd = open(path, O_RDONLY);
  struct stat about;
  if (fd < 0 || fstat(fd, &about) < 0) fail(path);
  struct bytes all = {malloc(about.st_size + 1), about.st_size};
  if (read(fd, all.at, all.count) != (ssize_t)all.count) fail(path);
  close(fd);
  return all;
}

// Sends what the socket takes, from `*sent` on. False: the connection is gone.
static int send_rest(int socket, struct bytes all, size_t *sent) {
  while (*sent < all.count) {
    ssize_t count = send(socket, all.at + *sent, all.count - *sent, MSG_NOSIGNAL);
    if (count < 0) return errno == EAGAIN;
    *sent += count;
  }
  return 1;
}

// The servers

struct page {
  long size;
  int fd;
  const char *server;
  time_t date;
  // Head and, of a small one, body.
  struct bytes text;
};

struct served {
  const char *server;
  int is_upgraded;
  // Of the 101.
  char head[MAX_HEAD];
  // An answer under way: text, then the rest of the page.
  struct bytes text;
  size_t text_sent;
  struct page *page;
  off_t page_sent;
  int waits_for_room;
  // Of a tunnel: what has come of the next frame, and the echo of the last one, which `text` is.
  char *frame;
  size_t frame_count, frame_room;
};

static struct served *served[MAX_SOCKETS];
static const char *server_of_listener[MAX_SOCKETS];
static struct page pages[MAX_PAGES];

static void close_served(int socket) {
  free(served[socket]->frame);
  free(served[socket]);
  served[socket] = NULL;
  close(socket);
}

// Writes the head with this second's date, as long as the one before it.
static void date_page(struct page *page) {
  char date[32];
  page->date = time(NULL);
  strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", gmtime(&page->date));
  char *head = page->text.at;
  page->text.count = snprintf(head, MAX_HEAD,
                              "HTTP/1.1 200 OK\r\nServer: light-load\r\nDate: %s\r\nContent-Type: application/octet-stream\r\n"
                              "Content-Length: %ld\r\nLast-Modified: Sat, 31 Jan 2026 11:00:00 GMT\r\nConnection: keep-alive\r\n"
                              "ETag: \"697de2c0-%lx\"\r\nAccept-Ranges: bytes\r\nX-Upstream: %.16s\r\n\r\n",
                              date, page->size, page->size, page->server);
  if (page->size > MAX_SENT_WHOLE) return;
  if (pread(page->fd, head + page->text.count, page->size, 0) != page->size) fail("a page");
  page->text.count += page->size;
}

static struct page *page_of(long size, const char *server) {
  for (int i = 0; i < MAX_PAGES; i++) {
    struct page *page = &pages[i];
    if (page->text.at != NULL && (page->size != size || page->server != server)) continue;
    if (page->text.at == NULL) {
      char name[32];
      snprintf(name, sizeof name, "%ld", size);
      *page = (struct page){.size = size, .server = server, .fd = open(name, O_RDONLY)};
      if (page->fd < 0) return NULL;
      page->text.at = malloc(MAX_HEAD + MAX_SENT_WHOLE);
    }
    if (page->date != time(NULL)) date_page(page);
    return page;
  }
  return NULL;
}

// Goes on with the answer under way. False: the connection is gone.
static int answer(int socket) {
  struct served *it = served[socket];
  if (!send_rest(socket, it->text, &it->text_sent)) return 0;
  int is_whole = it->text_sent == it->text.count;
  if (is_whole && it->page != NULL && it->page->size > MAX_SENT_WHOLE) {
    while (it->page_sent < it->page->size) {
      ssize_t count = sendfile(socket, it->page->fd, &it->page_sent, it->page->size - it->page_sent);
      if (count == 0 || (count < 0 && errno != EAGAIN)) return 0;
      if (count < 0) break;
    }
    is_whole = it->page_sent == it->page->size;
  }
  if (it->waits_for_room == is_whole) watch(EPOLL_CTL_MOD, socket, is_whole ? EPOLLIN : EPOLLOUT);
  it->waits_for_room = !is_whole;
  return 1;
}

static uint32_t rotate(uint32_t value, int by) { return value << by | value >> (32 - by); }

// FIPS 180-4 §6.1, for texts of less than two blocks.
static void sha1(const char *text, size_t count, uint8_t digest[20]) {
  uint8_t blocks[128] = {0};
  memcpy(blocks, text, count);
  blocks[count] = 0x80;
  size_t total = count + 9 > 64 ? 128 : 64;
  for (int i = 0; i < 8; i++) blocks[total - 1 - i] = (uint64_t)count * 8 >> 8 * i;
  uint32_t hash[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
  for (uint8_t *block = blocks; block < blocks + total; block += 64) {
    uint32_t words[80], part[5];
    for (int i = 0; i < 16; i++) words[i] = (uint32_t)block[4 * i] << 24 | block[4 * i + 1] << 16 | block[4 * i + 2] << 8 | block[4 * i + 3];
    for (int i = 16; i < 80; i++) words[i] = rotate(words[i - 3] ^ words[i - 8] ^ words[i - 14] ^ words[i - 16], 1);
    memcpy(part, hash, sizeof part);
    for (int i = 0; i < 80; i++) {
      uint32_t b = part[1], c = part[2], d = part[3];
      uint32_t mixed = i < 20 ? (b & c) | (~b & d) : i < 40 || i >= 60 ? b ^ c ^ d : (b & c) | (b & d) | (c & d);
      uint32_t constant = i < 20 ? 0x5a827999 : i < 40 ? 0x6ed9eba1 : i < 60 ? 0x8f1bbcdc : 0xca62c1d6;
      uint32_t next = rotate(part[0], 5) + mixed + part[4] + constant + words[i];
      part[4] = d;
      part[3] = c;
      part[2] = rotate(b, 30);
      part[1] = part[0];
      part[0] = next;
    }
    for (int i = 0; i < 5; i++) hash[i] += part[i];
  }
  for (int i = 0; i < 20; i++) digest[i] = hash[i / 4] >> (24 - i % 4 * 8);
}

// What a 101 answers to a key, RFC 6455 §4.2.2.
static void accept_of(const char *key, char accept[29]) {
  static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  char text[64];
  uint8_t digest[21] = {0};
  snprintf(text, sizeof text, "%.24s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", key);
  sha1(text, strlen(text), digest);
  for (int i = 0; i < 7; i++) {
    uint32_t three = digest[3 * i] << 16 | digest[3 * i + 1] << 8 | digest[3 * i + 2];
    for (int k = 0; k < 4; k++) accept[4 * i + k] = letters[three >> (18 - 6 * k) & 63];
  }
  accept[27] = '=';
  accept[28] = 0;
}

// Answers the request in `buffer`. False: the connection is to end.
static int take_request(int socket) {
  struct served *it = served[socket];
  const char *key = strncmp(buffer, "GET /echo", 9) == 0 ? strcasestr(buffer, "\r\nSec-WebSocket-Key: ") : NULL;
  it->page = NULL;
  it->text_sent = it->page_sent = 0;
  if (key != NULL) {
    char accept[29];
    accept_of(key + 21, accept);
    it->text.at = it->head;
    it->text.count = snprintf(it->head, sizeof it->head,
                              "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                              "Sec-WebSocket-Accept: %s\r\nX-Upstream: %s\r\n\r\n",
                              accept, it->server);
    it->is_upgraded = 1;
  } else {
    if (strncmp(buffer, "GET /", 5) != 0) return 0;
    it->page = page_of(atol(buffer + 5), it->server);
    if (it->page == NULL) return 0;
    it->text = it->page->text;
  }
  return answer(socket);
}

// Echoes the frame that has come, if it has come whole. RFC 6455 §5.2. False: the connection is to end.
static int take_frame(int socket, size_t count) {
  struct served *it = served[socket];
  if (it->frame_count + count > it->frame_room) it->frame = realloc(it->frame, it->frame_room = it->frame_count + count);
  memcpy(it->frame + it->frame_count, buffer, count);
  it->frame_count += count;
  uint8_t *frame = (uint8_t *)it->frame;
  if (it->frame_count < 2) return 1;
  if ((frame[0] & 15) == 8) return 0;
  size_t length = frame[1] & 127, head = length < 126 ? 2 : length == 126 ? 4 : 10;
  if (it->frame_count < head) return 1;
  if (head > 2) {
    length = 0;
    for (size_t i = 2; i < head; i++) length = length << 8 | frame[i];
  }
  if (length > MAX_MESSAGE) return 0;
  if (it->frame_count < head + 4 + length) return 1;
  uint8_t mask[8], *payload = frame + head + 4;
  memcpy(mask, frame + head, 4);
  memcpy(mask + 4, mask, 4);
  // Unmasked in place and moved by the four bytes of the key, eight bytes at a time.
  size_t i = 0;
  for (; i + 8 <= length; i += 8) {
    uint64_t eight, key;
    memcpy(&eight, payload + i, 8);
    memcpy(&key, mask, 8);
    eight ^= key;
    memcpy(frame + head + i, &eight, 8);
  }
  for (; i < length; i++) frame[head + i] = payload[i] ^ mask[i % 4];
  frame[1] &= 127;
  it->text = (struct bytes){it->frame, head + length};
  it->text_sent = 0;
  it->frame_count = 0;
  return answer(socket);
}

static void serve(int socket, uint32_t events) {
  struct served *it = served[socket];
  int lives = 1;
  if (events & EPOLLOUT) {
    lives = answer(socket);
  } else {
    ssize_t count = recv(socket, buffer, sizeof buffer - 1, 0);
    if (count > 0) {
      buffer[count] = 0;
      lives = it->is_upgraded ? take_frame(socket, count) : take_request(socket);
    } else {
      lives = count < 0 && errno == EAGAIN;
    }
  }
  if (!lives) close_served(socket);
}

static int serve_all(int count, char **arguments) {
  for (int i = 0; i < count; i++) {
    char *port = strchr(arguments[i], '=');
    if (port == NULL) return 2;
    *port++ = 0;
    int listener = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    struct sockaddr_in address = loopback(atoi(port));
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, 4096) < 0) fail(port);
    server_of_listener[listener] = arguments[i];
    watch(EPOLL_CTL_ADD, listener, EPOLLIN);
  }
  struct epoll_event events[MAX_EVENTS];
  for (;;) {
    int ready = wait_for(events);
    for (int i = 0; i < ready; i++) {
      int fd = events[i].data.fd;
      if (server_of_listener[fd] == NULL) {
        serve(fd, events[i].events);
        continue;
      }
      int client = accept(fd, NULL, NULL);
      if (client >= MAX_SOCKETS) close(client);
      if (client < 0 || client >= MAX_SOCKETS) continue;
      served[client] = calloc(1, sizeof(struct served));
      served[client]->server = server_of_listener[fd];
      begin(client);
    }
  }
}

// The clients

struct client {
  int is_open;
  struct bytes sending;
  size_t sent;
  // Bytes of the answer that are still to come; -1: its head has not come.
  ssize_t awaited;
  uint64_t sent_at;
};

static struct client clients[MAX_SOCKETS];
static struct bytes request, answered, handshake;
static uint32_t latencies[MAX_LATENCY_US];
static uint64_t completed, received, errors;

static void give_up(int socket) {
  errors++;
  close(socket);
}

static void ask(int socket) {
  struct client *it = &clients[socket];
  it->sending = it->is_open ? request : handshake;
  it->sent = 0;
  it->awaited = it->is_open && handshake.count > 0 ? (ssize_t)answered.count : -1;
  it->sent_at = now_ns();
  if (!send_rest(socket, it->sending, &it->sent)) give_up(socket);
  else if (it->sent < it->sending.count) watch(EPOLL_CTL_MOD, socket, EPOLLIN | EPOLLOUT);
}

// Takes `count` bytes of the answer, which `at` is the beginning of. False: they are others than the server sends.
static int take_answer(int socket, const char *at, ssize_t count) {
  struct client *it = &clients[socket];
  if (count > it->awaited || memcmp(at, answered.at + answered.count - it->awaited, count) != 0) return 0;
  it->awaited -= count;
  return 1;
}

// Takes the head in `buffer` and what stands behind it. False: it is not the one that is expected, or not whole.
static int take_head(int socket, ssize_t count) {
  struct client *it = &clients[socket];
  char *end = strstr(buffer, "\r\n\r\n");
  const char *status = it->is_open ? "HTTP/1.1 200 " : "HTTP/1.1 101 ";
  if (end == NULL || strncmp(buffer, status, strlen(status)) != 0) return 0;
  end += 4;
  if (it->is_open) it->awaited = answered.count;
  else it->awaited = 0;
  return take_answer(socket, end, buffer + count - end);
}

static void take(int socket) {
  struct client *it = &clients[socket];
  // The first piece is compared, the rest only counted: the kernel drops it without a copy (tcp(7), MSG_TRUNC).
  int is_first = it->awaited < 0 || it->awaited == (ssize_t)answered.count;
  ssize_t count = recv(socket, buffer, is_first ? MAX_SENT_WHOLE : sizeof buffer - 1, is_first ? 0 : MSG_TRUNC);
  if (count < 0 && errno == EAGAIN) return;
  int is_right = count > 0;
  if (is_right) {
    received += count;
    if (is_first) buffer[count] = 0;
    if (it->awaited < 0) is_right = take_head(socket, count);
    else if (is_first) is_right = take_answer(socket, buffer, count);
    else is_right = (it->awaited -= count) >= 0;
  }
  if (!is_right) {
    give_up(socket);
    return;
  }
  if (it->awaited > 0) return;
  if (it->is_open) {
    uint64_t took_us = (now_ns() - it->sent_at) / 1000;
    latencies[took_us < MAX_LATENCY_US ? took_us : MAX_LATENCY_US - 1]++;
    completed++;
  }
  it->is_open = 1;
  ask(socket);
}

static double percentile_ms(double part) {
  uint64_t before = 0;
  for (int us = 0; us < MAX_LATENCY_US; us++) {
    before += latencies[us];
    if (before > 0 && before >= completed * part) return us / 1000.0;
  }
  return 0;
}

static int ask_all(int count, char **arguments) {
  if (count < 5) return 2;
  int connections = atoi(arguments[1]);
  struct sockaddr_in address = loopback(atoi(arguments[0]));
  request = file(arguments[3]);
  answered = file(arguments[4]);
  if (count > 5) handshake = file(arguments[5]);
  int *sockets = calloc(connections, sizeof(int));
  for (int i = 0; i < connections; i++) {
    int client = sockets[i] = socket(AF_INET, SOCK_STREAM, 0);
    if (client < 0 || client >= MAX_SOCKETS || connect(client, (struct sockaddr *)&address, sizeof address) < 0) fail("connect");
    clients[client].is_open = handshake.count == 0;
    begin(client);
  }
  uint64_t started = now_ns(), end = started + (uint64_t)atoi(arguments[2]) * 1000000000;
  for (int i = 0; i < connections; i++) ask(sockets[i]);
  struct epoll_event events[MAX_EVENTS];
  while (now_ns() < end) {
    int ready = wait_for(events);
    for (int i = 0; i < ready; i++) {
      int fd = events[i].data.fd;
      struct client *it = &clients[fd];
      if (events[i].events & EPOLLOUT) {
        if (!send_rest(fd, it->sending, &it->sent)) {
          give_up(fd);
          continue;
        }
        if (it->sent == it->sending.count) watch(EPOLL_CTL_MOD, fd, EPOLLIN);
      }
      if (events[i].events & ~EPOLLOUT) take(fd);
    }
  }
  printf("{\"completed\":%lu,\"bytes\":%lu,\"errors\":%lu,\"durationMs\":%f,\"p50Ms\":%f,\"p90Ms\":%f,\"p99Ms\":%f,\"p999Ms\":%f}\n",
         completed, received, errors, (now_ns() - started) / 1e6, percentile_ms(0.5), percentile_ms(0.9), percentile_ms(0.99),
         percentile_ms(0.999));
  return 0;
}

int main(int count, char **arguments) {
  // sendfile(2) has no flag that would keep it from raising one.
  signal(SIGPIPE, SIG_IGN);
  poller = epoll_create1(0);
  if (count > 2 && strcmp(arguments[1], "serve") == 0) return serve_all(count - 2, arguments + 2);
  if (count > 2 && strcmp(arguments[1], "ask") == 0) return ask_all(count - 2, arguments + 2);
  return 2;
}
