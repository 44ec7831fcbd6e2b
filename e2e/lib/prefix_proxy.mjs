// A reverse proxy that has the program under a path prefix, as a dashboard's web server would: /cam/x
// there is /x of the program. It keeps every request that was made outside of the prefix.

import {once} from 'node:events';
import {createServer, request as requestUpstream} from 'node:http';

export class PrefixProxy {
  /** Paths that were asked for outside of the prefix, and refused. */
  outside = [];
  /** Paths that were asked for under the prefix, without it. */
  inside = [];
  /** What WebSocket handshakes and streams over HTTP get instead of the program: {status, text}; undefined: they get through. */
  refusal = undefined;
  /** Whether WebSocket handshakes get an error, and nothing else does. */
  refusesWebSockets = false;
  /** By path under the prefix, without a slash before it: {status, text, type} instead of the program's. */
  replacements = {};
  #upstream;
  #server;
  #sockets = new Set();

  /** `upstreamUrl`: the program's. `prefix` begins and ends with a slash. */
  static async open(upstreamUrl, prefix = '/cam/') {
    const proxy = new PrefixProxy(new URL(upstreamUrl), prefix);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  constructor(upstream, prefix) {
    this.#upstream = upstream;
    this.prefix = prefix;
    this.#server = createServer((request, response) => this.#forward(request, response));
    this.#server.on('upgrade', (request, socket, head) => this.#forwardUpgrade(request, socket, head));
    this.#server.on('connection', (socket) => this.#remember(socket));
  }

  /** The page's directory, with the prefix. */
  get httpUrl() {
    return `http://127.0.0.1:${this.#server.address().port}${this.prefix}`;
  }

  async close() {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#sockets.forEach((socket) => socket.destroy());
    await closed;
  }

  #remember(socket) {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
  }

  // Undefined for a path outside of the prefix.
  #upstreamRequest({url, method, headers}) {
    if (!url.startsWith(this.prefix)) {
      this.outside.push(url);
      return undefined;
    }
    const path = url.slice(this.prefix.length - 1);
    this.inside.push(path);
    return requestUpstream({host: this.#upstream.hostname, port: this.#upstream.port, path, method, headers});
  }

  #forward(request, response) {
    const upstream = this.#upstreamRequest(request);
    if (upstream === undefined) {
      respond(response, {status: 404, text: 'outside of the prefix'});
      return;
    }
    const path = request.url.slice(this.prefix.length).split('?', 1)[0];
    const replacement = this.replacements[path] ?? (path.endsWith('stream.v1') ? this.refusal : undefined);
    if (replacement !== undefined) {
      upstream.on('error', () => {}).destroy();
      respond(response, replacement);
      return;
    }
    upstream.on('response', (reply) => {
      response.writeHead(reply.statusCode, reply.headers);
      reply.pipe(response);
    });
    upstream.on('error', () => response.destroy());
    response.on('close', () => upstream.destroy());
    request.pipe(upstream);
  }

  #forwardUpgrade(request, socket, head) {
    const upstream = this.#upstreamRequest(request);
    const refusal = this.refusal ?? (this.refusesWebSockets ? {status: 400, text: 'no WebSockets'} : undefined);
    if (upstream === undefined || refusal !== undefined) {
      upstream?.on('error', () => {}).destroy();
      const {status, text} = refusal ?? {status: 404, text: 'outside of the prefix'};
      socket.end(`HTTP/1.1 ${status} Refused\r\nContent-Length: ${text.length}\r\n\r\n${text}`);
      return;
    }
    const write = ({statusCode, statusMessage, rawHeaders}) => {
      const fields = [];
      for (let at = 0; at < rawHeaders.length; at += 2) {
        fields.push(`${rawHeaders[at]}: ${rawHeaders[at + 1]}\r\n`);
      }
      socket.write(`HTTP/1.1 ${statusCode} ${statusMessage}\r\n${fields.join('')}\r\n`);
    };
    upstream.on('upgrade', (reply, upstreamSocket, upstreamHead) => {
      this.#remember(upstreamSocket);
      write(reply);
      socket.write(upstreamHead);
      upstreamSocket.write(head);
      socket.pipe(upstreamSocket).pipe(socket);
      socket.on('error', () => upstreamSocket.destroy());
      upstreamSocket.on('error', () => socket.destroy());
    });
    upstream.on('response', (reply) => {
      write(reply);
      reply.pipe(socket);
    });
    upstream.on('error', () => socket.destroy());
    upstream.end();
  }
}

function respond(response, {status, text, type = 'text/plain'}) {
  response.writeHead(status, {'content-type': type});
  response.end(text);
}
