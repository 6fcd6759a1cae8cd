// A relay that only moves bytes: one process, epoll, one read and one write for each piece. What a socket cannot take at once
// is waited for, which is fair to nobody but costs nothing extra.   floor LISTEN_PORT SERVER_PORT

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MAX_SOCKETS = 65536, MAX_EVENTS = 256 };
static int other_side[MAX_SOCKETS];
static char buffer[256 * 1024];

static struct sockaddr_in loopback(int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

static void watch(int poller, int socket) {
  int on = 1;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  struct epoll_event event = {.events = EPOLLIN, .data.fd = socket};
  epoll_ctl(poller, EPOLL_CTL_ADD, socket, &event);
}

static void open_pair(int poller, int listener, int server_port) {
  int client = accept(listener, NULL, NULL);
  if (client < 0) return;
  int server = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in address = loopback(server_port);
  if (server < 0 || server >= MAX_SOCKETS || client >= MAX_SOCKETS || connect(server, (struct sockaddr *)&address, sizeof address) < 0) {
    close(client);
    if (server >= 0) close(server);
    return;
  }
  other_side[client] = server;
  other_side[server] = client;
  watch(poller, client);
  watch(poller, server);
}

static int write_all(int socket, const char *bytes, ssize_t count) {
  while (count > 0) {
    ssize_t written = send(socket, bytes, count, MSG_NOSIGNAL);
    if (written < 0 && errno != EAGAIN) return -1;
    if (written < 0) poll(&(struct pollfd){.fd = socket, .events = POLLOUT}, 1, -1);
    else bytes += written, count -= written;
  }
  return 0;
}

static void move(int from) {
  int to = other_side[from];
  if (to == 0) return; // Closed together with its other side in this round.
  ssize_t count = recv(from, buffer, sizeof buffer, MSG_DONTWAIT);
  if (count < 0 && errno == EAGAIN) return;
  if (count > 0 && write_all(to, buffer, count) == 0) return;
  other_side[from] = other_side[to] = 0;
  close(from);
  close(to);
}

int main(int count, char **arguments) {
  if (count < 3) return 2;
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  int on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  struct sockaddr_in address = loopback(atoi(arguments[1]));
  if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, 4096) < 0) return 1;
  int poller = epoll_create1(0);
  struct epoll_event event = {.events = EPOLLIN, .data.fd = listener}, events[MAX_EVENTS];
  epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event);
  for (;;) {
    int ready = epoll_wait(poller, events, MAX_EVENTS, -1);
    for (int i = 0; i < ready; i++) {
      if (events[i].data.fd == listener) open_pair(poller, listener, atoi(arguments[2]));
      else move(events[i].data.fd);
    }
  }
}
