// A MessageChannel that delivers when the test requests it, as an event loop would.

let tasks;

class FakeChannel {
  port1 = {onmessage: null, close() {}};
  port2 = {postMessage: () => tasks.push(() => this.port1.onmessage())};

  static install() {
    globalThis.MessageChannel = FakeChannel;
    tasks = [];
  }
}

const runTasks = () => tasks.splice(0).forEach((task) => task());

export {FakeChannel, runTasks};
