// A WebSocket whose other end is the test.

export class FakeSocket {
  static CONNECTING = 0;
  static OPEN = 1;
  static all = [];
  // The exception of the constructor, for an address that the browser forbids.
  static constructorError;
  static attempts = 0;
  readyState = 0;
  sent = [];
  closedByUs = false;

  static install() {
    globalThis.WebSocket = FakeSocket;
    FakeSocket.all = [];
    FakeSocket.constructorError = undefined;
    FakeSocket.attempts = 0;
  }

  static get newest() {
    return FakeSocket.all.at(-1);
  }

  constructor(url, protocol = '') {
    FakeSocket.attempts += 1;
    if (FakeSocket.constructorError !== undefined) {
      throw FakeSocket.constructorError;
    }
    Object.assign(this, {url, asked: protocol, protocol: ''});
    FakeSocket.all.push(this);
  }

  send(text) {
    this.sent.push(text);
  }

  close() {
    this.closedByUs = true;
  }

  // Actions of the server.

  accept(protocol = this.asked) {
    Object.assign(this, {readyState: 1, protocol});
    this.onopen();
  }

  fail(code = 1006) {
    this.readyState = 3;
    this.onclose?.({code});
  }

  error() {
    this.readyState = 3;
    this.onerror?.();
  }

  say(data) {
    this.onmessage({data: typeof data === 'string' ? data : data.buffer});
  }
}
